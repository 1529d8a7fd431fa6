"""Pages for administrators and for oneself."""

import re

import pytest
from console_makers import PASSWORD, At
from desk_makers import House

from storage.desk_records import Role

SUM, OUTCOME = "{{10007*10009}}", "100160063"  # no token, nonce or time holds that by chance
ODD = "<script>alert(1)</script>\"'&" + SUM


async def test_an_admin_adds_agents_changes_roles_and_hands_out_links(at: At, house: House) -> None:
    ada = await at.agent("Ada", Role.ADMIN)
    response = await ada.form("/desk/agents", login="max", name="Max", role="agent", password="")
    assert response.status == 200
    assert "Max is added as agent." in await response.text()
    found = {one.login: one for one in await house.desk.accounts.all(house.boss)}["max"]
    await ada.form(f"/desk/agents/{found.id}/role", role="supervisor")
    page = await (await ada.form(f"/desk/agents/{found.id}/link")).text()
    link = re.search(rf"{at.base}/desk/sign-in#([\w-]+)", page)
    assert link is not None
    max_ = await at.stranger()
    assert (await max_.post("/desk/sign-in/link", json={"token": link[1]})).status == 200
    await ada.form(f"/desk/agents/{found.id}/disable")
    assert (await max_.get("/desk/"))[0] == 303
    await ada.form(f"/desk/agents/{found.id}/enable")
    again = {one.login: one for one in await house.desk.accounts.all(house.boss)}["max"]
    assert (again.role, again.disabled_at) == (Role.SUPERVISOR, None)


async def test_a_sign_in_name_that_nobody_could_type_is_refused(at: At, house: House) -> None:
    ada = await at.agent("Ada", Role.ADMIN)
    for login in (b"max+power", b"%ff"):
        response = await ada.post(
            "/desk/agents",
            data=b"csrf=%b&role=agent&login=%b" % (ada.csrf.encode(), login),
            headers={"Content-Type": "application/x-www-form-urlencoded"},
        )
        assert response.status == 422
        assert "sign-in name" in await response.text()
    assert [one.login for one in await house.desk.accounts.all(house.boss)] == ["ada"]


async def test_bad_input_is_told_on_the_page(at: At) -> None:
    ada = await at.agent("Ada", Role.ADMIN)
    for fields in (
        {"login": "", "role": "agent"},
        {"login": "x", "role": "king"},
        {"login": "ada", "role": "agent"},
        {"login": "x", "role": "agent", "password": "short"},
    ):
        response = await ada.form("/desk/agents", **fields)
        assert response.status == 422
        assert 'role="alert"' in await response.text()
    response = await ada.form(f"/desk/agents/{ada.agent.id}/disable")
    assert response.status == 422
    assert "last admin" in await response.text()


@pytest.mark.parametrize("role", [Role.AGENT, Role.SUPERVISOR])
async def test_others_may_look_and_change_nothing(at: At, house: House, role: Role) -> None:
    kim = await at.agent("Kim", role)
    await house.desk.canned.seed()
    _, page = await kim.get("/desk/agents")
    assert "Add an agent" not in page
    assert "/disable" not in page
    assert (await kim.form("/desk/agents", login="eve", role="admin")).status == 403
    assert (await kim.form(f"/desk/agents/{kim.agent.id}/role", role="admin")).status == 403
    assert (await kim.form(f"/desk/agents/{kim.agent.id}/link")).status == 403
    if role is Role.AGENT:
        assert "/delete" not in (await kim.get("/desk/answers"))[1]
        assert (await kim.form("/desk/answers", shortcut="x", title="X", text="x")).status == 403
        assert (await kim.form("/desk/answers/hello/delete")).status == 403
    roles = [one.role for one in await house.desk.accounts.all(house.boss)]
    assert roles == [role]


async def test_answers_are_added_changed_and_deleted(at: At, house: House) -> None:
    sue = await at.agent("Sue", Role.SUPERVISOR)
    await sue.form("/desk/answers", shortcut="late", title="Late parcel", text="Sorry, {customer}.")
    _, page = await sue.get("/desk/answers?edit=late")
    assert "Sorry, {customer}." in page
    await sue.form("/desk/answers", shortcut="late", title="Late", text="So sorry.")
    assert [one.text for one in await house.desk.canned.all(sue.agent)] == ["So sorry."]
    response = await sue.form("/desk/answers", shortcut="late", title="Late", text="{password}")
    assert response.status == 422
    assert "is no placeholder" in await response.text()
    assert "{password}" in await response.text()  # what was written is not lost
    await sue.form("/desk/answers/late/delete")
    assert await house.desk.canned.all(sue.agent) == ()


async def test_the_own_password_needs_the_current_one_and_ends_every_session(at: At) -> None:
    kim = await at.agent("Kim")
    new = "another long one"
    for fields in (
        {"current": "wrong", "password": new, "again": new},
        {"current": PASSWORD, "password": new, "again": "something else"},
        {"current": PASSWORD, "password": "short", "again": "short"},
    ):
        assert (await kim.form("/desk/profile/password", **fields)).status == 422
    assert (await kim.form("/desk/profile/password", current=PASSWORD, password=new, again=new)).status == 303
    assert (await kim.get("/desk/"))[0] == 303
    assert (await kim.sign_in(PASSWORD)).status == 401
    assert (await kim.sign_in(new)).status == 303


async def test_the_record_of_a_case_says_whether_it_holds(at: At, house: House) -> None:
    sue, kim = await at.agent("Sue", Role.SUPERVISOR), await at.agent("Kim")
    key = await house.waits()
    reference = (await house.ground.seen(house.boss, key)).reference
    await kim.act(key, "claim")
    await kim.act(key, "note", text="x")
    status, page = await sue.get(f"/desk/case/{reference}/record")
    assert status == 200
    assert "The record holds" in page
    assert "claim" in page
    assert "Kim" in page
    assert (await kim.get(f"/desk/case/{reference}/record"))[0] == 403
    assert (await sue.get("/desk/case/ZZZZ-ZZZZ/record"))[0] == 404


async def test_what_people_write_is_text_on_every_page(at: At, house: House) -> None:
    sue = await at.agent("Sue", Role.ADMIN)
    await house.agent("<b>Bob</b>")
    await sue.form("/desk/answers", shortcut="odd", title=ODD, text="<img src=x onerror=alert(1)>")
    key = await house.waits(customer=ODD)
    reference = (await house.ground.seen(house.boss, key)).reference
    await sue.act(key, "labels", labels=["<i>x</i>"])
    for path in ("/desk/agents", "/desk/answers?edit=odd", f"/desk/case/{reference}/record", "/desk/"):
        _, page = await sue.get(path)
        assert "<script>alert" not in page
        assert "<img src=x" not in page
        assert "<b>Bob" not in page
        assert "<i>x" not in page
        assert OUTCOME not in page
    response = await sue.post("/desk/sign-in", data={"login": ODD, "password": "x"})
    assert "<script>alert" not in await response.text()
