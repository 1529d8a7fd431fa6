# Every sentence the bot can say, in Spanish. The keys and their placeholders are those of en.ftl.

## Buttons
button-yes-cancel = Sí, cancélalo
button-no-keep = No, no lo canceles
button-yes-go-on = Sí, sigamos
button-yes-something = Sí, otra cosa
button-no-thanks = No, gracias
button-try-again = Volver a intentarlo
button-leave-it = Dejarlo así
button-lost-number = No tengo el número
button-lost-email = No tengo el correo
button-back-to-bot = Volver al asistente
button-cancel = Cancelar un pedido
button-cancel-part = Cancelar un artículo
button-order-status = ¿Dónde está mi pedido?
button-refund-status = ¿Dónde está mi reembolso?
button-refund-time = ¿Cuánto tarda un reembolso?
button-human = Hablar con una persona
button-other-request = Otra cosa
button-value = { $value }
button-language-en = English
button-language-es = Español

## Opening and closing
welcome = ¡Hola! Soy el asistente de pedidos de la tienda. Puedo cancelar un pedido que aún no haya pasado a su preparación definitiva, decirte dónde está un pedido o un reembolso, o avisar a una persona.
goodbye = De acuerdo. Escríbeme cuando necesites algo.
goodbye-silence =
    Cierro esta solicitud por ahora, porque no he vuelto a saber de ti. No se ha cambiado nada.
    { $reference ->
        [none] Escríbeme cuando quieras continuar.
       *[other] Escríbeme cuando quieras continuar; tu referencia es { $reference }.
    }
reference = Tu referencia: { $reference }

## Questions
ask-what =
    { $times ->
        [1] ¿En qué puedo ayudarte?
       *[other] Puedo ayudarte con lo siguiente. ¿Qué necesitas?
    }
ask-what-about = ¿Qué quieres hacer con el pedido { $number }?
ask-which-intent =
    { $times ->
        [1] Quiero entenderte bien. ¿A cuál de estas cosas te refieres?
       *[other] Elige una de estas opciones, por favor, o dímelo con otras palabras.
    }
ask-number-and-email =
    { $times ->
        [1] Envíame, por favor, el número de pedido y el correo electrónico que usaste para la compra.
       *[other] Necesito el número de pedido (tiene esta forma: { $example }, y está en tu correo de confirmación) y el correo electrónico que usaste para la compra.
    }
ask-number =
    { $times ->
        [1] Gracias. ¿Y cuál es el número de pedido?
       *[other] Todavía necesito el número de pedido. Está en tu correo de confirmación y tiene esta forma: { $example }.
    }
ask-email =
    { $times ->
        [1] Gracias. ¿Y con qué correo electrónico compraste el pedido { $number }?
       *[other] Todavía necesito el correo electrónico con el que compraste el pedido { $number }, por ejemplo ann@example.com.
    }
ask-which-number =
    { $times ->
        [1] Has mencionado más de un pedido. ¿Por cuál empezamos?
       *[other] Envíame solo un número de pedido, por favor; después seguimos con los demás.
    }
ask-which-email = Has mencionado más de un correo electrónico. ¿Cuál usaste para la compra?
ask-not-found =
    { $times ->
        [1] No encuentro ningún pedido { $number } con el correo { $email }. Revisa los dos datos, por favor, y envíame el que haya que corregir.
       *[other] Sigo sin encontrar un pedido { $number } con el correo { $email }. Los dos datos están en tu correo de confirmación; envíamelos otra vez, por favor.
    }
ask-confirm =
    { $times ->
        [1] El pedido { $number } ({ $pieces ->
            [one] { $pieces } artículo
           *[other] { $pieces } artículos
        }, { $total }) { $reason }.
       *[other] El pedido { $number } ({ $total }) sigue a la espera de tu respuesta.
    }
    { $ruling ->
        [nothing_to_refund] No se ha cobrado nada, así que no hay nada que devolver.
       *[other] Sobre el dinero, si se cancela: { $refunds }.
    }
    { $ruling ->
        [attempt] ¿Intento cancelarlo?
       *[other] ¿Lo cancelo?
    }
ask-details =
    { $lost ->
        [email] No te preocupes, una persona puede comprobar el pedido con otros datos.
       *[number] No te preocupes, una persona puede buscar el pedido con otros datos.
    } Dime en un solo mensaje lo que tengas: tu nombre, el código postal, el teléfono que diste, el día del pedido, lo que compraste.
ask-retry-shop =
    { $why ->
        [throttled] El sistema de pedidos de la tienda está muy ocupado en este momento y aún no puedo ver el pedido. No se ha cambiado nada. ¿Lo intento de nuevo?
       *[unreachable] El sistema de pedidos de la tienda no responde en este momento y no puedo ver el pedido. No se ha cambiado nada. ¿Lo intento de nuevo?
    }
ask-resume =
    { $topic ->
        [cancel] { $number ->
            [none] También querías cancelar un pedido. ¿Seguimos con eso?
           *[other] También querías cancelar el pedido { $number }. ¿Seguimos con eso?
        }
        [refund] { $number ->
            [none] También preguntaste por un reembolso. ¿Seguimos con eso?
           *[other] También preguntaste por el reembolso del pedido { $number }. ¿Seguimos con eso?
        }
       *[status] { $number ->
            [none] También preguntaste dónde está un pedido. ¿Seguimos con eso?
           *[other] También preguntaste dónde está el pedido { $number }. ¿Seguimos con eso?
        }
    }
ask-anything-else = ¿Puedo ayudarte en algo más?
ask-language = Which language would you like? / ¿Qué idioma prefieres?

## What the policy says of an order; follows "El pedido 1042 (2 artículos, 54,00 €)"
reason-not-yet-bound = todavía no ha pasado a su preparación definitiva, así que aún se puede cancelar
reason-unpaid = todavía no ha pasado a su preparación definitiva, así que aún se puede cancelar
reason-binding = está pasando ahora mismo a su preparación definitiva; que aún se pueda cancelar depende del registro de la tienda en el momento del intento
reason-already-cancelled = ya está cancelado
reason-conflicting-record = figura a la vez como cancelado y como enviado en parte
reason-marked-non-cancellable = estaba claramente marcado como no cancelable antes de la compra, así que no se puede cancelar
reason-confirmed = está confirmado para su preparación y ya no se puede cancelar
reason-in-logistics = está en manos del transportista y ya no se puede cancelar
reason-delivered = se ha entregado y ya no se puede cancelar
reason-mixed-lines = contiene artículos que se pueden cancelar y artículos marcados como no cancelables
reason-partly-fulfilled = ya se ha enviado en parte
reason-on-hold = está retenido
reason-unrecognised = está en un estado que no conozco
reason-no-rule = está en un estado que la política de cancelación deja en manos de una persona

## What can be done instead
instead-marked-non-cancellable = Si hay algún problema con el artículo, una persona puede revisarlo contigo.
instead-confirmed = Aún puedes rechazar el paquete cuando llegue o devolverlo después de la entrega según las condiciones de devolución de la tienda. Una persona puede darte más detalles.
instead-in-logistics = Aún puedes rechazar el paquete cuando llegue o devolverlo después de la entrega según las condiciones de devolución de la tienda. Una persona puede darte más detalles.
instead-delivered = Aún puedes devolverlo según las condiciones de devolución de la tienda. Una persona puede organizarlo contigo.

## Outcomes
told-cancelled = Listo: el pedido { $number } figura ahora como cancelado en el registro de la tienda.
told-already-cancelled = El pedido { $number } ya figura como cancelado en el registro de la tienda; no hace falta hacer nada más.
told-refused =
    Lo siento, pero el pedido { $number } ({ $pieces ->
        [one] { $pieces } artículo
       *[other] { $pieces } artículos
    }, { $total }) { $reason }.
told-status =
    El pedido { $number } ({ $pieces ->
        [one] { $pieces } artículo
       *[other] { $pieces } artículos
    }, { $total }) { $stage }.
told-partly-fulfilled = Una parte ya se ha enviado.
told-refund = El reembolso del pedido { $number }:
told-no-refund = En el registro de la tienda no figura ningún reembolso del pedido { $number } ({ $total }): el pedido { $stage }.
offer-cancel = No se ha cancelado. Si es lo que quieres, puedo intentarlo: escribe «cancélalo».
boundary =
    { $link ->
        [none] Esto es lo que muestra ahora el registro de la tienda; lo que cuenta es el estado en tiempo real de la página web.
       *[other] Esto es lo que muestra ahora el registro de la tienda; lo que cuenta es el estado en tiempo real de la página web: { $link }
    }

## Stages; follow "El pedido 1042"
stage-placed = está hecho, pero todavía no se ha pagado
stage-paid = está pagado y pendiente de preparación
stage-allocated = está pagado y se le están asignando los artículos
stage-binding = está pasando a su preparación definitiva
stage-confirmed = está confirmado para su preparación
stage-in-logistics = está en camino con el transportista
stage-delivered = se ha entregado
stage-cancelled = está cancelado
stage-on-hold = está retenido
stage-unrecognised = está en un estado que no conozco; una persona puede darte más detalles

## Refunds
payment-method =
    { $brand ->
        [card] tarjeta
        [gift_card] tarjeta regalo
        [store_credit] saldo de la tienda
        [bank_transfer] transferencia bancaria
        [cash_on_delivery] contra reembolso
        [net_banking] banca en línea
        [wallet] monedero electrónico
        [paypal_card] PayPal, tarjeta
        [paypal_bank_account] PayPal, cuenta bancaria
        [sepa_direct_debit] domiciliación SEPA
       *[other] { $name }
    }
days-business =
    { $span ->
        [same_day] un día laborable como máximo
        [exact] { $max ->
            [one] { $max } día laborable
           *[other] { $max } días laborables
        }
        [up_to] { $max ->
            [one] hasta { $max } día laborable
           *[other] hasta { $max } días laborables
        }
       *[between] entre { $min } y { $max } días laborables
    }
days-calendar =
    { $span ->
        [same_day] un día como máximo
        [exact] { $max ->
            [one] { $max } día
           *[other] { $max } días
        }
        [up_to] { $max ->
            [one] hasta { $max } día
           *[other] hasta { $max } días
        }
       *[between] entre { $min } y { $max } días
    }
days-at-once = al momento
days-unknown = sin plazo indicado
window = { $days } ({ $method })
refund-immediate = { $amount } ({ $method }) se devuelven al momento con la cancelación
refund-after-sent = { $amount } ({ $method }) pueden tardar { $days } en llegarte desde que se envíe el reembolso
refund-dated = { $amount } ({ $method }) se enviaron el { $sent } y deberían llegarte { $dates } ({ $days })
refund-released = { $amount } ({ $method }) solo se retuvieron, no se cobraron; tu banco puede tardar { $days } en liberar la retención
refund-nothing = { $amount } ({ $method }) no llegaron a cobrarse, así que no hay nada que devolver
refund-person = { $amount } ({ $method }) no tienen un plazo indicado, así que una persona te dirá cuándo pueden llegarte
refund-unsent = { $amount } ({ $method }) todavía no se ha devuelto, según los registros de la tienda, así que una persona se ocupará
refund-unclear = { $amount } ({ $method }) puede haberse devuelto o no, los registros de la tienda no lo dicen, así que una persona lo averiguará
refund-failed = { $amount } ({ $method }) no se ha podido devolver: el reembolso falló, así que una persona lo revisará
refund-nothing-at-all = No se cobró nada, así que no hay nada que devolver
refund-line = { $refund }.
refund-note-ach-unlabelled = Puede que el abono aparezca sin concepto en tu extracto.
refund-note-affirm-interest = Los intereses ya pagados a Affirm no se devuelven.
refund-note-bank-details-needed = Una transferencia no se puede devolver por el mismo camino, así que una persona te pedirá los datos de tu cuenta.
refund-note-klarna-instalments = Las cuotas de Klarna que queden pendientes se cancelan.
refund-note-paypal-up-to-30-days = Si PayPal devuelve el dinero a una tarjeta, en casos poco frecuentes puede tardar hasta 30 días.
refund-note-early-card-reversal = Con tarjeta, un reembolso temprano puede ser una anulación: entonces el cargo desaparece de tu extracto y no aparece ningún abono.

## Dates
date-range = entre el { $first } y el { $last }
date-one = el { $first }

## A person
handover-next = { $when } Puedes seguir escribiendo; le llegará todo. Tu referencia: { $reference }
when-free = Una persona te responderá aquí en cuanto haya alguien libre.
when-soon =
    { $minutes ->
        [one] Una persona te responderá aquí, normalmente en un minuto.
       *[other] Una persona te responderá aquí, normalmente en { $minutes } minutos.
    }
when-back = Ahora mismo no hay nadie atendiendo; una persona te responderá aquí a partir de { $back }.
when-closed = Ahora mismo no hay nadie atendiendo; una persona te responderá aquí en cuanto alguien vuelva.
handover-reopened = Se lo he vuelto a pasar a { $agent } y al equipo.
handover-customer-asked = Por supuesto. He avisado a una persona.
handover-rule = El pedido { $number } { $reason }. Eso tiene que decidirlo una persona; ya he avisado a una. No se ha cambiado nada.
handover-part-of-order = Para cancelar solo una parte de un pedido hace falta una persona; ya he avisado a una. El pedido { $number } sigue igual.
handover-lost-details = Gracias. Se lo he pasado a una persona, que buscará el pedido.
handover-other-request = De eso se encarga aquí una persona; ya he avisado a una.
handover-refund-timing-unknown = No hay un plazo indicado para este reembolso; ya he avisado a una persona, que te dirá cuándo puede llegarte.
handover-refund-failed = Este reembolso ha fallado; ya he avisado a una persona para que lo revise.
handover-refund-unclear = No puedo ver si este reembolso se ha enviado; he avisado a una persona para que lo revise.
handover-shop-unreachable = El sistema de pedidos de la tienda sigue sin responder. No se ha cambiado nada. He avisado a una persona, que continuará desde aquí.
handover-shop-trouble = Ahora mismo no puedo leer los pedidos de la tienda: antes hay que arreglar algo por nuestra parte. No se ha cambiado nada. He avisado a una persona, que seguirá desde aquí.
handover-outcome-unknown = El sistema de la tienda no ha respondido a la cancelación del pedido { $number }, así que todavía no sé si se ha hecho efectiva. Seguiré mirando el registro y te lo diré aquí; también he avisado a una persona.
correct-fulfilled-too = Tengo que corregir lo que se te dijo del pedido { $number }: constaba como cancelado, pero el registro de la tienda ahora también lo muestra como enviado, en parte o entero. No puedo decirte cuál de las dos cosas valdrá; he avisado a una persona para que lo mire enseguida.
correct-not-cancelled = Tengo que corregir lo que se te dijo del pedido { $number }: constaba como cancelado, pero según el registro de la tienda, tal como lo leo ahora, { $stage }. He avisado a una persona para que lo mire enseguida.
correct-gone = Tengo que corregir lo que se te dijo del pedido { $number }: constaba como cancelado, pero el registro de la tienda ya no me muestra este pedido. He avisado a una persona para que lo mire enseguida.
correct-refund-failed = Hay novedades sobre el dinero del pedido { $number }: está cancelado, pero el registro de la tienda muestra ahora que un reembolso ha fallado. He avisado a una persona para que lo revise.
handover-conflict = El pedido { $number } figura a la vez como cancelado y como enviado. No puedo decirte cuál de las dos cosas es la que vale, así que una persona lo revisará.
handover-refused-by-shop = El sistema de la tienda no ha aceptado cancelar el pedido { $number }; el pedido sigue igual. He avisado a una persona para que averigüe por qué.
handover-agent-gone = He avisado a una persona, que seguirá contigo aquí.
handover-failed-answers = Lo siento, así no puedo avanzar más. He avisado a una persona.
handover-identity-guesses = No he podido encontrar un pedido con ese número y ese correo. He avisado a una persona, que puede ayudarte a encontrarlo.
handover-internal-error = Lo siento, algo ha fallado por nuestra parte y no puedo continuar yo. He avisado a una persona.

## Remarks
note-old-button = Ese botón es de una pregunta anterior, así que no he hecho nada.
note-number-corrected = De acuerdo, el pedido { $number }.
note-email-corrected = De acuerdo, he apuntado el otro correo.
note-start-over = De acuerdo, empecemos desde el principio.
note-kept =
    { $number ->
        [none] De acuerdo, no se cancela nada.
       *[other] De acuerdo: el pedido { $number } se queda como está, no se cancela nada.
    }
note-dropped = De acuerdo, dejémoslo.
note-cancelling = Un momento: la cancelación del pedido { $number } está en marcha y ya no se puede detener. Solo se hará si el registro de la tienda todavía lo permite; te diré el resultado aquí mismo.
note-not-attempted = No he cancelado el pedido { $number }: no he podido verlo en el registro de la tienda. No se ha cambiado nada.
note-busy = Un momento: aquí todavía hay algo en curso. Enseguida sigo contigo.
note-looking = Un momento, estoy leyendo el registro de la tienda sobre el pedido { $number }.
note-record-moved = El registro del pedido { $number } ha cambiado desde la última vez que te lo mostré, así que no lo he cancelado.
note-terms-moved = Puede que lo que se aplica a la cancelación del pedido { $number } haya cambiado desde que te pregunté, así que no lo he cancelado.
note-record-speaks = Ya tengo la respuesta del registro de la tienda.
note-unreadable =
    { $what ->
        [empty] Ese mensaje estaba vacío.
        [too_long] Ese mensaje es demasiado largo para mí; cuéntamelo en pocas frases, por favor.
        [sticker] ¡Qué sticker tan simpático! Pero solo puedo leer texto.
        [photo] No puedo ver imágenes. Escríbeme, por favor, lo que muestra.
        [voice] No puedo escuchar mensajes de voz. Escríbemelo, por favor.
        [file] No puedo abrir archivos. Escríbeme, por favor, lo que dice.
       *[other] Solo puedo leer texto.
    }
note-language = Sigo en español.
note-again = Otra vez:
note-cannot-handle = Con eso no puedo ayudarte. Me ocupo de cancelaciones, del estado de los pedidos y de los reembolsos.
note-no-number = No encuentro ningún número de pedido en ese mensaje.
note-no-email = No encuentro ningún correo electrónico en ese mensaje.
note-need-clear-yes = Para esto necesito un sí o un no claro.
note-which-one = Con mucho gusto, solo necesito saber cuál.
note-reminder = ¿Sigues ahí? Podemos continuar cuando quieras.
note-still-waiting = Todavía no ha habido nadie libre, lo siento; tu petición no está olvidada. { $when } Tu referencia: { $reference }
note-person-here = Ahora te atiende { $agent }.
note-person-left = { $agent } ha tenido que irse; la próxima persona libre seguirá desde aquí. Tu referencia: { $reference }
note-passed-on = A partir de ahora te atiende { $agent }.
note-kept-for-person = Anotado. Una persona lo leerá en cuanto haya alguien libre. Tu referencia: { $reference }
note-kept-or-bot = Anotado para la persona, que lo leerá en cuanto esté libre. Si quieres que yo, el asistente, me ocupe ya de la cancelación, elige «Volver al asistente». Tu referencia: { $reference }
note-back-with-bot = De acuerdo, soy yo otra vez, el asistente.
agent-correction = Corrección: { $text }
note-given-back = El asistente vuelve a estar contigo.
note-closed = Esta solicitud está cerrada. Si queda algo pendiente, escríbenos. Tu referencia: { $reference }

remark-thanks = De nada.
remark-greeting = ¡Hola!
remark-chitchat = Soy el asistente automático de pedidos de la tienda; si prefieres hablar con una persona, basta con que me lo digas.
remark-complaint = Lo siento mucho. Entiendo que se trata de tu dinero; te daré una respuesta o avisaré a una persona.
remark-policy = Normalmente un pedido se puede cancelar mientras no haya pasado a su preparación definitiva, y quizá también mientras pasa a ella: lo decide su registro en tiempo real. Una vez confirmado para su preparación o en manos del transportista, ya no se puede cancelar; tampoco los artículos marcados como no cancelables antes de la compra.
remark-policy-listed = Según las condiciones de esta tienda, decide el registro del pedido en tiempo real.{ $cancelled ->
        [none] {""}
       *[other] {" "}Normalmente se puede cancelar: { $cancelled }.
    }{ $tried ->
        [none] {""}
       *[other] {" "}Quizá aún se pueda, pero solo se sabe al intentarlo: { $tried }.
    }{ $refused ->
        [none] {""}
       *[other] {" "}Ya no se puede cancelar: { $refused }.
    }{ $person ->
        [none] {""}
       *[other] {" "}Decide una persona: { $person }.
    }{ $marks ->
        [refused] {" "}Los artículos marcados como no cancelables antes de la compra no se pueden cancelar.
       *[none] {""}
    }
policy-such = un pedido que { $stage }
remark-stays-cancelled = En el registro de la tienda el pedido { $number } figura como cancelado, y eso no lo puedo deshacer. Si al final quieres los artículos, haz un pedido nuevo; para cualquier otra cosa sobre él, pídeme hablar con una persona.
remark-parcel-all-the-same = En el registro de la tienda el pedido { $number } figura como cancelado. Si aun así te llega un paquete, o tienes algo que devolver, acláralo con una persona: basta con que escribas «persona».
remark-notice =
    { $link ->
        [none] No puedo ver si la tienda también te escribe. Lo que cuenta es el estado en tiempo real de la página web; tu referencia aquí es { $reference }. Si lo necesitas por escrito, pídeme hablar con una persona.
       *[other] No puedo ver si la tienda también te escribe. Lo que cuenta es el estado en tiempo real de la página web: { $link } Tu referencia aquí es { $reference }. Si lo necesitas por escrito, pídeme hablar con una persona.
    }
remark-other-method = El dinero vuelve por la misma vía por la que se pagó, según el registro de la tienda. Si pagaste de otra forma, escribe «persona» y alguien lo mirará.
remark-moment = Tómate tu tiempo.
remark-status-later = Podré decirte dónde está en cuanto haya encontrado el pedido.
remark-status =
    { $link ->
        [none] El pedido { $number } { $stage }.
       *[other] El pedido { $number } { $stage }. Estado en tiempo real: { $link }
    }
remark-refund-later = Podré hablarte del reembolso en cuanto haya encontrado el pedido.
remark-refund-time = Plazo previsto desde que se envíe el reembolso: { $window }.
remark-refund-order = Sobre el dinero: { $refunds }.
remark-refund-methods = Depende de cómo pagaste. Plazo previsto desde que se envíe el reembolso: { $windows }.

aside-where-number = El número de pedido está en el correo de confirmación que la tienda te envió al comprar; tiene este aspecto: { $example }. Si no lo encuentras, elige «No tengo el número».
aside-which-email = El que diste al hacer el pedido: a él se envió la confirmación de la tienda.
aside-safe = Solo necesito el número de pedido y el correo electrónico de la compra. Por favor, no envíes nunca contraseñas ni datos de tarjetas por aquí.
aside-costs = Por cancelar no se descuenta nada por mi parte: se devuelve lo que en el registro de la tienda figura como pagado.
aside-items = En el pedido { $number }: { $lines }. En total { $total }.
aside-item = { $quantity } × { $title } ({ $price })
aside-if-not = Entonces no cambia nada: el pedido { $number } se queda como está.

why-number = Con el número sé qué pedido es y miro el registro correcto.
why-email = El correo electrónico demuestra que el pedido es tuyo; nadie más debería poder cancelarlo.
why-both = El número y el correo electrónico juntos muestran qué pedido es y que es tuyo.
why-confirm = Una cancelación no se puede deshacer, así que solo la hago con un sí claro.
why-details = Con estos datos una persona puede encontrar el pedido sin su número.
why-generally = Solo pido lo que necesito para encontrar tu pedido y asegurarme de que es tuyo.
why-refused = Así lo dice la política de cancelación de la tienda: el pedido { $number } { $reason }. Yo no puedo ir más allá, pero una persona puede verlo contigo.
why-record = Solo cuento lo que muestra el registro de la tienda. Una persona puede verlo contigo.

## Notas para la persona que tiene el chat; los clientes nunca las ven
person-outcome =
    { $outcome ->
        [cancelled] El intento de cancelar el pedido { $number } ha terminado: en su registro consta como cancelado.
        [already_cancelled] El pedido { $number } ya estaba cancelado.
        [refused] La tienda se ha negado a cancelar el pedido { $number }: { $stage }.
        [stage_moved] El pedido { $number } cambió antes de poder cancelarlo, así que no se intentó nada: { $stage }.
        [conflict] El pedido { $number } consta a la vez como cancelado y como enviado. Desde que se vio, no hemos devuelto dinero.
       *[unknown] Todavía no se sabe si el intento de cancelar el pedido { $number } tuvo efecto. Su registro se leerá otra vez; míralo antes de prometer nada.
    }
person-refund =
    { $reason ->
        [refund_failed] En el registro del pedido { $number } consta un reembolso fallido.
        [refund_unclear] El pedido { $number } está cancelado, pero no consta que se haya enviado ningún reembolso.
       *[refund_timing_unknown] No hay un plazo indicado para el reembolso del pedido { $number }.
    }
person-not-attempted = El pedido { $number } no se ha cancelado: no se pudo preguntar a la tienda y no se ha cambiado nada.
person-attempt-lost = El intento de cancelar el pedido { $number } se interrumpió: el bot tiene un fallo y no se registró en qué quedó. Lee el registro del pedido antes de prometer nada.
person-cannot-cancel = El pedido { $number } no se ha cancelado: quien lo pidió ya no lleva este chat, o ya hay otra operación en marcha.
person-contradiction =
    { $what ->
        [fulfilled_too] Conflicto: con la referencia { $reference } se dijo al cliente que el pedido { $number } está cancelado. En su registro consta ahora como cancelado y también como enviado. No devolveremos nada más.
        [not_cancelled] Conflicto: con la referencia { $reference } se dijo al cliente que el pedido { $number } está cancelado. Según su registro, ahora { $stage }.
        [gone] Conflicto: con la referencia { $reference } se dijo al cliente que el pedido { $number } está cancelado. La tienda ya no muestra este pedido con ese correo.
       *[refund_failed] El pedido { $number } está cancelado, como se dijo al cliente con la referencia { $reference }, pero en su registro consta ahora un reembolso fallido.
    }
person-contradiction-unproved =
    { $what ->
        [fulfilled_too] Conflicto: un agente canceló el pedido { $number } con la referencia { $reference } y en su registro constaba como cancelado. Ahora consta como cancelado y también como enviado. No devolveremos nada más. El cliente de este chat no había demostrado que el pedido sea suyo: el bot no le dice nada de él.
        [not_cancelled] Conflicto: un agente canceló el pedido { $number } con la referencia { $reference } y en su registro constaba como cancelado. Según su registro, ahora { $stage }. El cliente de este chat no había demostrado que el pedido sea suyo: el bot no le dice nada de él.
        [gone] Conflicto: un agente canceló el pedido { $number } con la referencia { $reference } y en su registro constaba como cancelado. La tienda ya no muestra este pedido con ese correo. El cliente de este chat no había demostrado que el pedido sea suyo: el bot no le dice nada de él.
       *[refund_failed] El pedido { $number }, que un agente canceló con la referencia { $reference }, está cancelado, pero en su registro consta ahora un reembolso fallido. El cliente de este chat no había demostrado que el pedido sea suyo: el bot no le dice nada de él.
    }
