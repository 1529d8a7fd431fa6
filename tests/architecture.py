"""Who may know whom, where import-linter's own contracts cannot say it (`pyproject.toml` says the rest)."""

from collections.abc import Iterator
from fnmatch import fnmatchcase

from grimp import ImportGraph
from importlinter import Contract, ContractCheck, fields, output


class Apart(Contract):
    """The modules of a package belong to families by the first word of their names; no family knows another.

    `telegram_sender` is one of the family `telegram`. `together` lists words that name one family, space
    between them; `shared` lists modules for all, which know no family. A new file needs no mention here.
    """

    type_name = "apart"
    package = fields.StringField()
    together = fields.ListField(subfield=fields.StringField(), required=False)
    shared = fields.ListField(subfield=fields.StringField(), required=False)

    def check(self, graph: ImportGraph, verbose: bool) -> ContractCheck:  # noqa: FBT001  the library's form
        del verbose
        return _checked(list(self._crossings(graph)))

    def render_broken_contract(self, check: ContractCheck) -> None:
        _render(check, "these know another family")

    def _crossings(self, graph: ImportGraph) -> Iterator[str]:
        inside = graph.find_children(str(self.package))
        for importer in sorted(inside):
            for imported in sorted(graph.find_modules_directly_imported_by(importer) & inside):
                theirs = self._family(imported)
                if theirs is not None and theirs != self._family(importer):
                    yield f"{importer} -> {imported}"

    def _family(self, module: str) -> str | None:
        """The family's name; `None` for what is shared."""
        name = module.removeprefix(f"{self.package}.")
        if name in (self.shared or []):
            return None
        word = name.partition("_")[0]
        return next((each for each in self.together or [] if word in str(each).split()), word)


class Kept(Contract):
    """Something is imported directly by some modules alone; `by` are their names, `*` for any signs."""

    type_name = "kept"
    what = fields.StringField()
    by = fields.ListField(subfield=fields.StringField())

    def check(self, graph: ImportGraph, verbose: bool) -> ContractCheck:  # noqa: FBT001  the library's form
        del verbose
        what = str(self.what)
        importers = graph.find_modules_that_directly_import(what) if what in graph.modules else set()
        strangers = [each for each in sorted(importers) if not self._may(each)]
        return _checked([f"{stranger} -> {what}" for stranger in strangers])

    def render_broken_contract(self, check: ContractCheck) -> None:
        _render(check, "these may not")

    def _may(self, module: str) -> bool:
        return any(fnmatchcase(module, str(pattern)) for pattern in self.by)


def _checked(problems: list[str]) -> ContractCheck:
    return ContractCheck(kept=not problems, metadata={"problems": problems})


def _render(check: ContractCheck, heading: str) -> None:
    output.print_error(f"{heading}:")
    for problem in check.metadata["problems"]:
        output.indent_cursor()
        output.print_error(f"- {problem}")
