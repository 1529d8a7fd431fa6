"""What Vendure is asked, in GraphQL. `%s` stands for the fields of an order that the mapping needs."""

LOGIN = """mutation RescindLogin($username: String!, $password: String!) {
    login(username: $username, password: $password) { __typename }
}"""
WHO = "query RescindPermissions { me { channels { permissions } } }"
FIND = """query RescindOrder($codes: [String!]!) {
    orders(options: { filter: { code: { in: $codes } }, take: 10 }) { items { %s } }
}"""
FIND_ALIKE = """query RescindOrderAlike($code: String!) {
    orders(options: { filter: { code: { contains: $code } }, take: 100 }) { items { %s } }
}"""
"""Without regard to case on every database, and read from end to end by it: no index serves it."""
CANCELLATIONS = """query RescindCancellations($id: ID!) {
    order(id: $id) {
        history(options: { filter: { type: { eq: "ORDER_CANCELLATION" } } }) { items { data } }
    }
}"""
CANCEL = """mutation RescindCancel($id: ID!, $reason: String!) {
    cancelOrder(input: { orderId: $id, reason: $reason, cancelShipping: true }) { __typename }
}"""
REFUND = """mutation RescindRefund($payment: ID!, $amount: Money!, $reason: String!) {
    refundOrder(input: {
        paymentId: $payment, amount: $amount, reason: $reason, lines: [], shipping: 0, adjustment: 0
    }) { __typename }
}"""
VOID = """mutation RescindVoid($payment: ID!) {
    cancelPayment(id: $payment) { __typename }
}"""
