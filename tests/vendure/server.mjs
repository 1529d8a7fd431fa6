// A Vendure shop in memory, for the tests and the race figures.
//
// It prints one line of JSON, {"url": ...}, once it can be asked, and ends when its standard input does: a
// killed test run leaves nothing behind. Arguments: what a call of the payment gateway takes, in ms (0).

import process from 'node:process';
import {
    bootstrap,
    DefaultOrderCodeStrategy,
    defaultOrderProcess,
    defaultPaymentProcess,
    LanguageCode,
    manualFulfillmentHandler,
    PaymentMethodHandler,
} from '@vendure/core';
import { populate } from '@vendure/core/cli/index.js';

process.env.VENDURE_DISABLE_TELEMETRY = 'true';
const gatewayTime = Number(process.argv[2] ?? 0);
const calls = { refunds: 0 };

function english(value) {
    return [{ languageCode: LanguageCode.en, value }];
}

async function askGateway() {
    await new Promise(resolve => setTimeout(resolve, gatewayTime));
}

// Standard output is for the one line that says where the shop is.
const nothing = () => undefined;
const logger = { error: console.error, warn: nothing, info: nothing, verbose: nothing, debug: nothing };

// What the customer's payment is to become is told in its metadata: { amount, state, refund, void }.
const gateway = new PaymentMethodHandler({
    code: 'gateway',
    description: english('A gateway that does as it is told'),
    args: {},
    createPayment: (ctx, order, amount, args, metadata) => ({
        amount: metadata.amount ?? amount,
        state: metadata.state ?? 'Settled',
        transactionId: `p${order.id}-${order.payments?.length ?? 0}`,
        metadata,
    }),
    settlePayment: () => ({ success: true }),
    cancelPayment: async (ctx, order, payment) => {
        await askGateway();
        return payment.metadata.void === 'fails'
            ? { success: false, errorMessage: 'the gateway says no', state: 'Authorized' }
            : { success: true };
    },
    createRefund: async (ctx, input, amount, order, payment) => {
        await askGateway();
        calls.refunds += 1;
        if (payment.metadata.refund === 'by hand') {
            return undefined;
        }
        return { state: payment.metadata.refund ?? 'Settled', transactionId: `r${calls.refunds}` };
    },
});

// As a merchant writes it who wants no order cancelled that was locked.
const lock = {
    onTransitionStart(fromState, toState, { order }) {
        if (toState === 'Cancelled' && order.customFields.locked) {
            return 'this order is locked';
        }
    },
};

// As of a merchant with codes of their own: a customer's request may name one, so that tests know it.
class OrderCodes extends DefaultOrderCodeStrategy {
    generate(ctx) {
        return ctx.req?.headers['x-order-code'] ?? super.generate(ctx);
    }
}

// Vendure has no word for a bank transfer that is still awaited: this is the merchant's.
const awaited = {
    transitions: { Created: { to: ['Awaited'] }, Awaited: { to: ['Settled', 'Declined', 'Cancelled'] } },
};

const config = {
    logger,
    apiOptions: { port: 0, hostname: '127.0.0.1', adminApiPath: 'admin-api', shopApiPath: 'shop-api' },
    authOptions: {
        tokenMethod: ['bearer', 'cookie'],
        cookieOptions: { secret: 'not a secret: this shop lives in memory' },
        superadminCredentials: { identifier: 'superadmin', password: 'superadmin' },
        requireVerification: false,
    },
    dbConnectionOptions: { type: 'sqljs', synchronize: true, autoSave: false, logging: false },
    paymentOptions: { paymentMethodHandlers: [gateway], process: [defaultPaymentProcess, awaited] },
    orderOptions: { process: [defaultOrderProcess, lock], orderCodeStrategy: new OrderCodes() },
    shippingOptions: { fulfillmentHandlers: [manualFulfillmentHandler] },
    customFields: {
        Order: [
            { name: 'warehouse', type: 'string', nullable: true },
            { name: 'locked', type: 'boolean', defaultValue: false },
        ],
        ProductVariant: [{ name: 'madeToOrder', type: 'boolean', defaultValue: false }],
    },
    importExportOptions: {},
    jobQueueOptions: { activeQueues: [] },
    schedulerOptions: { tasks: [] },
};

const shop = {
    defaultLanguage: LanguageCode.en,
    defaultZone: 'Europe',
    countries: [{ code: 'DE', name: 'Germany', zone: 'Europe' }],
    taxRates: [{ name: 'None', percentage: 0 }],
    shippingMethods: [{ name: 'Post', price: 0 }],
    paymentMethods: [],
    collections: [],
};

const app = await populate(() => bootstrap(config), shop);
const { address, port } = app.getHttpServer().address();
process.stdout.write(`${JSON.stringify({ url: `http://${address}:${port}` })}\n`);
process.stdin.resume();
process.stdin.on('end', () => process.exit(0));
