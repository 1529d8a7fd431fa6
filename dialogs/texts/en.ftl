# Every sentence the bot can say, in English. Placeholders come formatted for the customer's locale.
# `$times` counts how often a question has been put in a row: 1, 2, 3. An argument that is not there comes as "none".

## Buttons
button-yes-cancel = Yes, cancel it
button-no-keep = No, keep it
button-yes-go-on = Yes, go on
button-yes-something = Yes, something else
button-no-thanks = No, thanks
button-try-again = Try again
button-leave-it = Leave it
button-lost-number = I don't have the number
button-lost-email = I don't have the e-mail
button-back-to-bot = Back to the assistant
button-cancel = Cancel an order
button-cancel-part = Cancel one item
button-order-status = Where is my order?
button-refund-status = Where is my refund?
button-refund-time = How long do refunds take?
button-human = Talk to a person
button-other-request = Something else
button-value = { $value }
button-language-en = English
button-language-es = Español

## Opening and closing
welcome = Hello! I'm the shop's order assistant. I can cancel an order that isn't locked in yet, tell you where an order or a refund is, or bring in a person.
goodbye = All right. Write again whenever you need something.
goodbye-silence =
    I'll close this request for now, as I haven't heard from you. Nothing was changed.
    { $reference ->
        [none] Just write when you want to go on.
       *[other] Just write when you want to go on; your reference is { $reference }.
    }
reference = Your reference: { $reference }

## Questions
ask-what =
    { $times ->
        [1] What can I do for you?
       *[other] I can help with these things. Which is it?
    }
ask-what-about = What would you like to do about order { $number }?
ask-which-intent =
    { $times ->
        [1] I want to get this right. Which of these do you mean?
       *[other] Please choose one of these, or say it in other words.
    }
ask-number-and-email =
    { $times ->
        [1] Please send me the order number and the e-mail address you used for the purchase.
       *[other] I need the order number (it looks like { $example } and is in your confirmation e-mail) and the e-mail address you used for the purchase.
    }
ask-number =
    { $times ->
        [1] Thanks. And what is the order number?
       *[other] I still need the order number. It is in your confirmation e-mail and looks like { $example }.
    }
ask-email =
    { $times ->
        [1] Thanks. And which e-mail address did you use to buy order { $number }?
       *[other] I still need the e-mail address you used to buy order { $number }, for example ann@example.com.
    }
ask-which-number =
    { $times ->
        [1] You mentioned more than one order. Which one shall we start with?
       *[other] Please send just one order number; the others can follow.
    }
ask-which-email = You mentioned more than one e-mail address. Which one did you use for the purchase?
ask-not-found =
    { $times ->
        [1] I can't find an order { $number } with the e-mail address { $email }. Please check both and send me the one that needs correcting.
       *[other] I still can't find an order { $number } with the e-mail address { $email }. Both are in your confirmation e-mail; please send them once more.
    }
ask-confirm =
    { $times ->
        [1] Order { $number } ({ $pieces ->
            [one] { $pieces } item
           *[other] { $pieces } items
        }, { $total }) { $reason }.
       *[other] Order { $number } ({ $total }) is still waiting for your answer.
    }
    { $ruling ->
        [nothing_to_refund] Nothing has been charged, so there is nothing to pay back.
       *[other] About the money, if it is cancelled: { $refunds }.
    }
    { $ruling ->
        [attempt] Shall I try to cancel it?
       *[other] Shall I cancel it?
    }
ask-details =
    { $lost ->
        [email] No problem, a person can check the order by other details.
       *[number] No problem, a person can look for the order by other details.
    } Please tell me in one message whatever you have: your name, the postcode, the phone number you gave, the day you ordered, what you bought.
ask-retry-shop =
    { $why ->
        [throttled] The shop's order system is very busy right now, so I can't see the order yet. Nothing has been changed. Shall I try again?
       *[unreachable] The shop's order system is not answering right now, so I can't see the order. Nothing has been changed. Shall I try again?
    }
ask-resume =
    { $topic ->
        [cancel] { $number ->
            [none] You also wanted to cancel an order. Shall we go on with that?
           *[other] You also wanted to cancel order { $number }. Shall we go on with that?
        }
        [refund] { $number ->
            [none] You also asked about a refund. Shall we go on with that?
           *[other] You also asked about the refund of order { $number }. Shall we go on with that?
        }
       *[status] { $number ->
            [none] You also asked where an order is. Shall we go on with that?
           *[other] You also asked where order { $number } is. Shall we go on with that?
        }
    }
ask-anything-else = Is there anything else I can do for you?
ask-language = Which language would you like? / ¿Qué idioma prefieres?

## What the policy says of an order; follows "Order 1042 (2 items, €54.00)"
reason-not-yet-bound = is not yet locked in for fulfilment, so it can still be cancelled
reason-unpaid = is not yet locked in for fulfilment, so it can still be cancelled
reason-binding = is being locked in for fulfilment right now; whether it can still be cancelled depends on the shop's record at the moment of the attempt
reason-already-cancelled = is already cancelled
reason-conflicting-record = is recorded as cancelled and as partly sent at the same time
reason-marked-non-cancellable = was clearly marked as non-cancellable before ordering, so it can't be cancelled
reason-confirmed = is confirmed for fulfilment and can no longer be cancelled
reason-in-logistics = is already with the carrier and can no longer be cancelled
reason-delivered = has been delivered and can no longer be cancelled
reason-mixed-lines = contains items that can be cancelled and items that were marked as non-cancellable
reason-partly-fulfilled = has already been sent in part
reason-on-hold = is on hold
reason-unrecognised = is in a state that I don't know
reason-no-rule = is in a state that the cancellation policy leaves to a person

## What can be done instead
instead-marked-non-cancellable = If something is wrong with the item itself, a person can look into it with you.
instead-confirmed = You can still refuse the parcel when it comes, or return it after delivery under the shop's return terms. A person can tell you more.
instead-in-logistics = You can still refuse the parcel when it comes, or return it after delivery under the shop's return terms. A person can tell you more.
instead-delivered = You can still return it under the shop's return terms. A person can arrange that with you.

## Outcomes
told-cancelled = Done: the shop's record now shows order { $number } as cancelled.
told-already-cancelled = The shop's record already shows order { $number } as cancelled; nothing more needs to be done.
told-refused =
    I'm sorry, but order { $number } ({ $pieces ->
        [one] { $pieces } item
       *[other] { $pieces } items
    }, { $total }) { $reason }.
told-status =
    Order { $number } ({ $pieces ->
        [one] { $pieces } item
       *[other] { $pieces } items
    }, { $total }) { $stage }.
told-partly-fulfilled = Part of it has already been sent.
told-refund = The refund of order { $number }:
told-no-refund = The shop's record shows no refund for order { $number } ({ $total }): the order { $stage }.
offer-cancel = It has not been cancelled. If you want that, I can try: just write “cancel it”.
boundary =
    { $link ->
        [none] This is what the shop's record shows now; what counts is the live status on the website.
       *[other] This is what the shop's record shows now; what counts is the live status on the website: { $link }
    }

## Stages; follow "Order 1042"
stage-placed = has been placed and is not paid yet
stage-paid = is paid and waiting to be prepared
stage-allocated = is paid, and its items are being allocated
stage-binding = is being locked in for fulfilment
stage-confirmed = is confirmed for fulfilment
stage-in-logistics = is on its way with the carrier
stage-delivered = has been delivered
stage-cancelled = is cancelled
stage-on-hold = is on hold
stage-unrecognised = is in a state that I don't know; a person can tell you more

## Refunds
# `$brand` is the name of the method in plain signs; what is not listed is shown by its own name.
payment-method =
    { $brand ->
        [card] card
        [gift_card] gift card
        [store_credit] store credit
        [bank_transfer] bank transfer
        [cash_on_delivery] cash on delivery
        [net_banking] net banking
        [wallet] wallet
        [paypal_card] PayPal, card
        [paypal_bank_account] PayPal, bank account
        [sepa_direct_debit] SEPA direct debit
       *[other] { $name }
    }
days-business =
    { $span ->
        [same_day] at most a business day
        [exact] { $max ->
            [one] { $max } business day
           *[other] { $max } business days
        }
        [up_to] { $max ->
            [one] up to { $max } business day
           *[other] up to { $max } business days
        }
       *[between] { $min }–{ $max } business days
    }
days-calendar =
    { $span ->
        [same_day] at most a day
        [exact] { $max ->
            [one] { $max } day
           *[other] { $max } days
        }
        [up_to] { $max ->
            [one] up to { $max } day
           *[other] up to { $max } days
        }
       *[between] { $min }–{ $max } days
    }
days-at-once = at once
days-unknown = no stated time
window = { $days } ({ $method })
refund-immediate = { $amount } ({ $method }) goes back at once with the cancellation
refund-after-sent = { $amount } ({ $method }) can take { $days } to come back once the refund is sent
refund-dated = { $amount } ({ $method }) was sent back on { $sent } and is expected { $dates } ({ $days })
refund-released = { $amount } ({ $method }) was only held, not taken; it can take your bank { $days } to lift the hold
refund-nothing = { $amount } ({ $method }) was never taken, so there is nothing to pay back
refund-person = { $amount } ({ $method }) has no stated time, so a person will tell you when to expect it
refund-unsent = { $amount } ({ $method }) has not been sent back yet, as the shop's record shows, so a person will see to it
refund-unclear = { $amount } ({ $method }) may or may not have been sent back, the shop's record doesn't tell, so a person will find out
refund-failed = { $amount } ({ $method }) could not be sent back: the refund failed, so a person will look into it
refund-nothing-at-all = Nothing was charged, so there is nothing to pay back
refund-line = { $refund }.
refund-note-ach-unlabelled = The credit may carry no label on your statement.
refund-note-affirm-interest = Interest already paid to Affirm is not returned.
refund-note-bank-details-needed = A bank transfer can't be sent back the way it came, so a person will ask you for your account details.
refund-note-klarna-instalments = Klarna instalments that are still open are cancelled.
refund-note-paypal-up-to-30-days = If PayPal pays the money back to a card, it can in rare cases take up to 30 days.
refund-note-early-card-reversal = With a card, an early refund can be a reversal: the charge then disappears from your statement and no credit appears.

## Dates
date-range = between { $first } and { $last }
date-one = on { $first }

## A person
handover-next = { $when } You can go on writing; everything reaches them. Your reference: { $reference }
when-free = A person will answer here as soon as one is free.
when-soon =
    { $minutes ->
        [one] A person will answer here, usually within a minute.
       *[other] A person will answer here, usually within { $minutes } minutes.
    }
when-back = Nobody is at the desk right now; a person will answer here from { $back } on.
when-closed = Nobody is at the desk right now; a person will answer here as soon as somebody is back.
handover-reopened = I've passed this on to { $agent } and the team again.
handover-customer-asked = Of course. I've called a person.
handover-rule = Order { $number } { $reason }. That is for a person to decide, so I've called one. Nothing has been changed.
handover-part-of-order = Cancelling only part of an order needs a person, so I've called one; order { $number } is unchanged.
handover-lost-details = Thank you. I've passed this on to a person, who will look for the order.
handover-other-request = A person takes care of that here. I've called one.
handover-refund-timing-unknown = No time is stated for this refund, so I've called a person, who will tell you when to expect it.
handover-refund-failed = This refund failed, so I've called a person to look into it.
handover-refund-unclear = I can't see whether this refund was sent, so I've called a person to look into it.
handover-shop-unreachable = The shop's order system still isn't answering. Nothing has been changed. I've called a person, who will go on from here.
handover-shop-trouble = I can't read the shop's orders right now: something has to be mended on our side first. Nothing has been changed. I've called a person, who will go on from here.
handover-outcome-unknown = The shop's system gave no answer to the cancellation of order { $number }, so I don't know yet whether it took effect. I'll keep checking the record and tell you here; I've called a person as well.
correct-fulfilled-too = I have to correct what you were told: order { $number } was said to be cancelled, but the shop's record now also shows it as sent, in part or as a whole. I can't tell you which will hold, so I've called a person to look into it at once.
correct-not-cancelled = I have to correct what you were told: order { $number } was said to be cancelled, but by the shop's record as I read it now it { $stage }. I've called a person to look into it at once.
correct-gone = I have to correct what you were told: order { $number } was said to be cancelled, but the shop's record no longer shows me this order. I've called a person to look into it at once.
correct-refund-failed = There is news about the money for order { $number }: it is cancelled, but the shop's record now shows that a refund failed. I've called a person to look into it.
handover-conflict = The record shows order { $number } as cancelled and as sent at the same time. I can't tell you which will hold, so a person will look into it.
handover-refused-by-shop = The shop's system refused to cancel order { $number }; the order is unchanged. I've called a person to find out why.
handover-agent-gone = I've called a person, who will go on with you here.
handover-failed-answers = I'm sorry, I can't get any further this way. I've called a person.
handover-identity-guesses = I couldn't match an order number and an e-mail address. I've called a person, who can help you find the order.
handover-internal-error = I'm sorry, something went wrong on our side, so I can't go on with this myself. I've called a person.

## Remarks
note-old-button = That button belongs to an earlier question, so I haven't acted on it.
note-number-corrected = All right, order { $number } it is.
note-email-corrected = All right, I've noted the other e-mail address.
note-start-over = All right, let's start from the beginning.
note-kept =
    { $number ->
        [none] All right, nothing is cancelled.
       *[other] All right: order { $number } stays as it is, nothing is cancelled.
    }
note-dropped = All right, let's leave that.
note-cancelling = One moment: the cancellation of order { $number } is under way and can't be called back. It goes through only if the shop's record still allows it; I'll tell you the outcome right here.
note-not-attempted = I haven't cancelled order { $number }: I couldn't see it in the shop's record. Nothing has been changed.
note-busy = One moment: something is still under way here. I'll go on with you right after.
note-looking = One moment, I'm reading the shop's record of order { $number }.
note-record-moved = The record of order { $number } has changed since I last showed it to you, so I haven't cancelled it.
note-terms-moved = What applies to cancelling order { $number } may have changed since I asked you, so I haven't cancelled it.
note-record-speaks = I have the answer from the shop's record now.
note-unreadable =
    { $what ->
        [empty] That message was empty.
        [too_long] That message is too long for me; please put it in a few sentences.
        [sticker] Nice sticker! I can only read text, though.
        [photo] I can't read pictures. Please write what it shows.
        [voice] I can't listen to voice messages. Please write it.
        [file] I can't open files. Please write what it says.
       *[other] I can only read text.
    }
note-language = I'll go on in English.
note-again = Once more:
note-cannot-handle = I can't help with that. I look after cancellations, order status and refunds.
note-no-number = I can't find an order number in that.
note-no-email = I can't find an e-mail address in that.
note-need-clear-yes = I need a clear yes or no for this.
note-which-one = Gladly, I only need to know which one.
note-reminder = Are you still there? We can go on whenever you like.
note-still-waiting = Nobody has been free yet, I'm sorry; your request is not forgotten. { $when } Your reference: { $reference }
note-person-here = { $agent } is here now and goes on with this.
note-person-left = { $agent } had to leave, so the next person who is free goes on from here. Your reference: { $reference }
note-passed-on = { $agent } takes over from here.
note-kept-for-person = Noted. A person will read it as soon as one is free. Your reference: { $reference }
note-kept-or-bot = Noted for the person, who will read it as soon as one is free. If you want me, the assistant, to see to the cancellation right away, choose “Back to the assistant”. Your reference: { $reference }
note-back-with-bot = All right, it's me again, the assistant.
agent-correction = Correction: { $text }
note-given-back = The assistant is back with you.
note-closed = This request is closed. If there is anything left, just write. Your reference: { $reference }

remark-thanks = You're welcome.
remark-greeting = Hello!
remark-chitchat = I'm the shop's automatic assistant for orders; a person is one message away.
remark-complaint = I'm sorry about this. I understand that it is about your money; I'll get you an answer, or a person.
remark-policy = An order can normally be cancelled until it is locked in for fulfilment, and perhaps while that is happening: its live record decides. Once it is confirmed for fulfilment or with the carrier, it can't be cancelled; nor can items that were marked as non-cancellable before ordering.
remark-policy-listed = By this shop's policy, the live record of an order decides.{ $cancelled ->
        [none] {""}
       *[other] {" "}It can normally be cancelled: { $cancelled }.
    }{ $tried ->
        [none] {""}
       *[other] {" "}It may still be possible, and the attempt shows: { $tried }.
    }{ $refused ->
        [none] {""}
       *[other] {" "}It can't be cancelled any more: { $refused }.
    }{ $person ->
        [none] {""}
       *[other] {" "}A person decides: { $person }.
    }{ $marks ->
        [refused] {" "}Items that were marked as non-cancellable before ordering can't be cancelled.
       *[none] {""}
    }
policy-such = an order that { $stage }
remark-stays-cancelled = The shop's record shows order { $number } as cancelled, and I can't take that back. If you want the items after all, please place a new order; for anything else about it, ask me for a person.
remark-parcel-all-the-same = The shop's record shows order { $number } as cancelled. If a parcel of it reaches you all the same, or you have something to send back, please settle that with a person: just write “person”.
remark-notice =
    { $link ->
        [none] I can't see whether the shop also writes to you. What counts is the live status on the website; your reference here is { $reference }. If you need it in writing, ask me for a person.
       *[other] I can't see whether the shop also writes to you. What counts is the live status on the website: { $link } Your reference here is { $reference }. If you need it in writing, ask me for a person.
    }
remark-other-method = Money goes back the way it was paid, as the shop's record shows it. If you paid in another way, please write “person”, and somebody looks into it.
remark-moment = Take your time.
remark-status-later = I can tell you where it is as soon as I have found the order.
remark-status =
    { $link ->
        [none] Order { $number } { $stage }.
       *[other] Order { $number } { $stage }. Live status: { $link }
    }
remark-refund-later = I can tell you about the refund as soon as I have found the order.
remark-refund-time = To be expected once the refund is sent: { $window }.
remark-refund-order = About the money: { $refunds }.
remark-refund-methods = It depends on how you paid. To be expected once the refund is sent: { $windows }.

aside-where-number = The order number is in the confirmation e-mail that the shop sent when you ordered; it looks like { $example }. If you can't find it, choose “I don't have the number”.
aside-which-email = The one you gave when you ordered: the shop's confirmation was sent to it.
aside-safe = I only need the order number and the e-mail address of the purchase. Please never send passwords or card details here.
aside-costs = I deduct nothing: what the shop's record shows as paid is what is to go back.
aside-items = In order { $number }: { $lines }. In total { $total }.
aside-item = { $quantity } × { $title } ({ $price })
aside-if-not = Then nothing changes: order { $number } stays as it is.

why-number = The number tells me which order it is, so that I look at the right record.
why-email = The e-mail address shows that the order is yours; nobody else should be able to cancel it.
why-both = The number and the e-mail address together show which order it is and that it is yours.
why-confirm = A cancellation can't be taken back, so I only do it after a clear yes.
why-details = With these details a person can find the order without its number.
why-generally = I only ask for what I need to find your order and to be sure that it is yours.
why-refused = That is the shop's cancellation policy: order { $number } { $reason }. I can't go beyond it, but a person can look at it with you.
why-record = I only tell what the shop's record shows. A person can look into it with you.

## Notes for the person who has the chat; customers never see them
person-outcome =
    { $outcome ->
        [cancelled] The attempt to cancel order { $number } has ended: its record shows it cancelled.
        [already_cancelled] Order { $number } was cancelled already.
        [refused] The shop refused to cancel order { $number }: it { $stage }.
        [stage_moved] Order { $number } changed before it could be cancelled, so nothing was attempted: it { $stage }.
        [conflict] Order { $number } is on record as cancelled and as sent at the same time. No money was sent back by us after that was seen.
       *[unknown] Nobody knows yet whether the attempt to cancel order { $number } took effect. Its record will be read again; look there before you promise anything.
    }
person-refund =
    { $reason ->
        [refund_failed] The record of order { $number } shows a refund that failed.
        [refund_unclear] Order { $number } is cancelled, but no refund of it is known to have been sent.
       *[refund_timing_unknown] Nobody has stated how long the refund of order { $number } takes.
    }
person-not-attempted = Order { $number } was not cancelled: the shop could not be asked, and nothing was changed.
person-attempt-lost = The attempt to cancel order { $number } broke off: something is wrong with the bot, and what became of it was not taken in. Read the order's record before you promise anything.
person-cannot-cancel = Order { $number } was not cancelled: this chat is not with the person who asked for it, or something is under way already.
person-contradiction =
    { $what ->
        [fulfilled_too] Conflict: under { $reference } the customer was told that order { $number } is cancelled. Its record now shows it cancelled and also sent. Nothing more will be refunded by us.
        [not_cancelled] Conflict: under { $reference } the customer was told that order { $number } is cancelled. By its record now it { $stage }.
        [gone] Conflict: under { $reference } the customer was told that order { $number } is cancelled. The shop no longer shows this order under that e-mail address.
       *[refund_failed] Order { $number } is cancelled, as the customer was told under { $reference }, but its record now shows a refund that failed.
    }
person-contradiction-unproved =
    { $what ->
        [fulfilled_too] Conflict: an agent cancelled order { $number } under { $reference }, and its record showed it cancelled. It now shows it cancelled and also sent. Nothing more will be refunded by us. The customer of this chat had not proved that the order is theirs: the bot says nothing of it to them.
        [not_cancelled] Conflict: an agent cancelled order { $number } under { $reference }, and its record showed it cancelled. By its record now it { $stage }. The customer of this chat had not proved that the order is theirs: the bot says nothing of it to them.
        [gone] Conflict: an agent cancelled order { $number } under { $reference }, and its record showed it cancelled. The shop no longer shows this order under that e-mail address. The customer of this chat had not proved that the order is theirs: the bot says nothing of it to them.
       *[refund_failed] Order { $number }, which an agent cancelled under { $reference }, is cancelled, but its record now shows a refund that failed. The customer of this chat had not proved that the order is theirs: the bot says nothing of it to them.
    }
