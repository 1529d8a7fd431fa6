"""Every document for Shopify, and every answer these tests make up, held to Shopify's published schema."""

from pathlib import Path

import pytest
from graphql import (
    ExecutionResult,
    GraphQLSchema,
    OperationDefinitionNode,
    execute_sync,
    parse,
    validate,
)

from bot.contracts.shop_bench import Placement
from bot.orders.shopify import ShopifySettings
from bot.orders.shopify_api import CANCEL, DOCUMENTS, FIND, JOB, READ, REFUND, SCOPES
from dialogs.orders import Stage
from tests.bot.orders.recorded import FOLDER, exchanges
from tests.bot.orders.shopify_schema import SchemaMissing, schema
from tests.bot.orders.shopify_shop import ShopifyShop

pytestmark = pytest.mark.xdist_group("shopify-schema")

VERSIONS = ("2026-01", "2026-04", "2026-07", "2026-10")
_READING: dict[str, object] = {
    "after": None,
    "products": True,
    "markNamespace": "rescind",
    "markKey": "final",
    "fact": True,
    "factNamespace": None,
    "factKey": "stage",
}


@pytest.fixture(scope="module", params=VERSIONS)
def published(request: pytest.FixtureRequest) -> GraphQLSchema:
    return _published(request.param)


def _published(version: str) -> GraphQLSchema:
    try:
        return schema(version)
    except SchemaMissing as missing:
        pytest.skip(f"NOT CHECKED against Shopify's schema {version}: {missing}")


def _name(document: str) -> str:
    operation = parse(document).definitions[0]
    assert isinstance(operation, OperationDefinitionNode)
    assert operation.name is not None
    return operation.name.value


@pytest.mark.parametrize("document", DOCUMENTS, ids=_name)
def test_a_document_is_valid_and_uses_nothing_deprecated(document: str, published: GraphQLSchema) -> None:
    assert validate(published, parse(document)) == []
    assert _deprecated(published, document) == []


def test_a_document_that_asks_for_what_there_is_not_is_noticed(published: GraphQLSchema) -> None:
    assert validate(published, parse(JOB.replace("done", "finished"))) != []
    assert _deprecated(published, CANCEL.replace("orderCancelUserErrors { code }", "userErrors { field }"))


def test_the_default_version_is_the_newest_that_is_checked() -> None:
    assert ShopifySettings.model_fields["api_version"].default == VERSIONS[-1]


@pytest.mark.parametrize("path", sorted((FOLDER / "shopify").glob("*.json")), ids=lambda path: path.stem)
def test_a_recorded_answer_is_one_the_schema_allows(path: Path) -> None:
    newest = _published(VERSIONS[-1])
    documents = {_name(document): document for document in DOCUMENTS}
    for exchange in exchanges(path):
        request, response = exchange["request"], exchange["response"]
        assert isinstance(request, dict)
        assert isinstance(response, dict)
        if "errors" not in response:
            result = _executed(
                newest, documents[request["operation"]], request["variables"], response["data"]
            )
            assert result.errors is None
            assert result.data == response["data"]


@pytest.mark.parametrize("stage", sorted(set(Stage) - {Stage.UNRECOGNISED}))
def test_the_shop_in_memory_answers_as_the_schema_allows(stage: Stage) -> None:
    newest = _published(VERSIONS[-1])
    shop = ShopifyShop()
    order = shop.put("#1001")
    shop.pay(order, Placement(stage).payments)
    shop.bring(order, stage)
    steps = order["transactions"]
    assert isinstance(steps, list)
    given = {
        "orderId": order["id"],
        "parentId": steps[0]["id"],
        "gateway": "card",
        "kind": "REFUND",
        "amount": "1.00",
    }
    spec = {"orderId": order["id"], "currency": "EUR", "transactions": [given]}
    asked: list[tuple[str, dict[str, object]]] = [
        (FIND, {"search": 'name:"1001"'}),
        (REFUND, {"input": spec, "key": "k"}),
        (CANCEL, {"id": order["id"], "restock": True, "notify": False, "note": "r-1"}),
        (SCOPES, {}),
        (READ, _READING | {"id": order["id"]}),
    ]
    for document, variables in asked:
        data = shop.answer(document, variables)["data"]
        result = _executed(newest, document, variables, data)
        assert result.errors is None
        assert result.data == data


def _executed(of: GraphQLSchema, document: str, variables: object, data: object) -> ExecutionResult:
    """The data once more, through the schema: wrong enums, types and missing fields come out as errors."""
    assert isinstance(variables, dict)
    result = execute_sync(
        of,
        parse(document),
        root_value=data,
        variable_values=variables,
        type_resolver=lambda value, *_: (
            "CardPaymentDetails" if "wallet" in value else "LocalPaymentMethodsPaymentDetails"
        ),
    )
    assert isinstance(result, ExecutionResult)
    return result


def _deprecated(of: GraphQLSchema, document: str) -> list[str]:
    from graphql import NoDeprecatedCustomRule  # noqa: PLC0415 - a rule of this check alone

    return [error.message for error in validate(of, parse(document), [NoDeprecatedCustomRule])]
