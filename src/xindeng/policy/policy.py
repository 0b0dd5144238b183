"""A compiled policy: what a decision needs of a bundle, ready to run."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import cached_property
from hashlib import sha256
from typing import Final

from xindeng.features import FeatureBook
from xindeng.features.kernel import Kernel
from xindeng.kernel.errors import NotFoundError
from xindeng.kernel.time import DAY, HOUR, Zone, zone
from xindeng.language import Expression, Program, Value, compile_program, compile_python
from xindeng.policy.compile import Compiled
from xindeng.policy.context import CONTEXT
from xindeng.policy.line_terms import LineTerms
from xindeng.policy.model import Area, Learning, Limits, RepairAction, Rule, Stance, Texts
from xindeng.policy.parameters import Parameter, ParameterBook
from xindeng.policy.products import Products
from xindeng.policy.read_bundle import Bundle
from xindeng.policy.steering.model import Steering
from xindeng.scoring.scorecard import Scorecard

SEMANTICS: Final = 1
"""Raised when the same bundle and facts could decide otherwise than before."""

Ran = tuple[list[Value], int, int]
"""Definition values, mask of rules that fired, mask of rules whose condition is NULL."""
_Function = Callable[[Sequence[Value], Sequence[Value]], Value]


def content_hash(files: Mapping[str, bytes]) -> str:
    """Return the SHA-256 over the files in order of path, each framed by its lengths."""
    digest = sha256()
    for path in sorted(files):
        name = path.encode()
        digest.update(f"{len(name)} {len(files[path])}\n".encode() + name + files[path])
    return digest.hexdigest()


class Policy:
    """One checked bundle. Bit k of every mask is `rules[k]`, the enabled rules in order.

    `inputs` are the columns that `run` takes, base features and then context; `definitions` the
    ones it returns. `all_rules` also holds rules that are switched off.
    """

    semantics: Final = SEMANTICS

    def __init__(self, bundle: Bundle, compiled: Compiled, hash_: str) -> None:
        head = bundle.head
        self.hash = hash_
        self.name, self.version, self.title = head.name, head.version, head.title
        self.currency: str = head.currency
        self.zone: Zone = zone(head.zone)
        self.ladder, self.stance_default = head.ladder, head.stance_default
        self.areas: tuple[str, ...] = tuple(area.name for area in head.areas)
        self.area_by_name: Mapping[str, Area] = {area.name: area for area in head.areas}
        self.disabled_areas = frozenset(area.name for area in head.areas if not area.enabled)
        self.stances: Mapping[str, Stance] = {s.name: s for s in bundle.stances}
        self.segments: tuple[str, ...] = tuple(s.name for s in bundle.segments)
        self.segment_titles = {s.name: s.title for s in bundle.segments}
        self.repair: Mapping[str, RepairAction] = bundle.repair
        self.card: Scorecard | None = bundle.card
        self.limits: Limits | None = bundle.limits
        self.book: FeatureBook = bundle.book
        self.compiled = compiled
        self.all_rules: tuple[Rule, ...] = bundle.rules
        self.rules: tuple[Rule, ...] = tuple(
            rule for rule in bundle.rules if rule.enabled and rule.area not in self.disabled_areas
        )
        self.rule_by_id: Mapping[str, Rule] = {rule.id: rule for rule in bundle.rules}
        self.rule_index: Mapping[str, int] = {rule.id: i for i, rule in enumerate(self.rules)}
        self.texts: Mapping[str, Texts] = {rule.id: rule.texts for rule in bundle.rules}
        self.inputs: tuple[str, ...] = (*bundle.book.columns, *CONTEXT)
        self.input_index: Mapping[str, int] = {name: i for i, name in enumerate(self.inputs)}
        self.definitions: tuple[str, ...] = tuple(name for name, _ in compiled.definitions)
        self.definition_index = {name: i for i, name in enumerate(self.definitions)}
        self.book_of_parameters = ParameterBook(bundle.parameters)
        self.parameter_names: tuple[str, ...] = self.book_of_parameters.names
        self.calendar = bundle.calendar
        self.learning: Learning | None = bundle.learning
        self.steering: Steering = bundle.steering
        self.products = Products(bundle.products, self.book_of_parameters, self.calendar)
        self._compile()
        self.line = LineTerms(
            bundle.holds, bundle.limits, compiled,
            (*self.inputs, *self.definitions), self.parameter_names,
        )  # fmt: skip

    def _compile(self) -> None:
        compiled, everything = self.compiled, self.compiled.definitions
        conditions = [(rule.id, compiled.conditions[rule.id]) for rule in self.rules]
        self.program = self._program(everything, conditions)
        self.run: Callable[[Sequence[Value], Sequence[Value]], Ran] = self.program.run
        bits = [i for i, (_, e) in enumerate(conditions) if compiled.uses_amount(e)]
        self.amount_mask: int = sum(1 << bit for bit in bits)
        chosen = [conditions[bit] for bit in bits]
        self._amount_bits = [1 << bit for bit in bits]
        self._amount_program = self._program(self._needed(e for _, e in chosen), chosen)
        self._segment_program = self._program(
            self._needed(e for _, e in compiled.segments), compiled.segments
        )
        self._on_demand: dict[tuple[str, int], _Function] = {}

    def _program(
        self, definitions: list[tuple[str, Expression]], conditions: list[tuple[str, Expression]]
    ) -> Program:
        return compile_program(
            inputs=self.inputs,
            parameters=self.parameter_names,
            definitions=definitions,
            conditions=conditions,
        )

    def _needed(self, expressions: Iterable[Expression]) -> list[tuple[str, Expression]]:
        """Return the definitions that the expressions rest on, in order."""
        names: set[str] = set()
        for expression in expressions:
            names |= self.compiled.columns_of(expression)
        return [pair for pair in self.compiled.definitions if pair[0] in names]

    @cached_property
    def kernel(self) -> Kernel:
        """Return the fold over events that yields the base features."""
        return Kernel(self.book, self.zone)

    def run_amount(self, inputs: Sequence[Value], params: Sequence[Value]) -> Ran:
        """Run only the rules that depend on the amount; masks as in `run`, within `amount_mask`.

        The values are those of the definitions that these rules need.
        """
        values, fired, missing = self._amount_program.run(inputs, params)
        return values, self._spread(fired), self._spread(missing)

    def _spread(self, mask: int) -> int:
        # Few amount rules fire at once, so walking the set bits is cheaper than a table.
        out, bits = 0, self._amount_bits
        while mask:
            low = mask & -mask
            out |= bits[low.bit_length() - 1]
            mask ^= low
        return out

    def parameters(self, day: int, stance: str, segment: str | None) -> tuple[Value, ...]:
        """Return all values in force in the order of `parameter_names` (cached).

        Raises InputError for a day before the first value of any parameter.
        """
        return self.book_of_parameters.on(day, stance, segment)

    def parameter(
        self, name: str, day: int, stance: str = "neutral", segment: str | None = None
    ) -> Value:
        """Return one value in force; raises NotFoundError, or InputError for too early a day."""
        return self.parameter_spec(name).on(day, stance, segment)

    def parameter_spec(self, name: str) -> Parameter:
        """Return the parameter with its unit, convention, dates and sources."""
        found = self.book_of_parameters.by_name.get(name)
        if found is None:
            raise NotFoundError(
                f"policy {self.name} has no parameter ${name}",
                next_step="see the files in parameters/",
            )
        return found

    def segment(self, inputs: Sequence[Value], day: int) -> str:
        """Return the first segment whose condition is TRUE; `stance` and `segment` are not read."""
        fired = self._segment_program.run(inputs, self.parameters(day, "neutral", None))[1]
        return self.compiled.segments[(fired & -fired).bit_length() - 1][0]

    def until(
        self,
        rule: int,
        inputs: Sequence[Value],
        definitions: Sequence[Value],
        params: Sequence[Value],
    ) -> int | None:
        """Return the instant (µs) at which rule `rule` lets go, or None if it does not say."""
        return self._whole("until", rule, (*inputs, *definitions), params)

    def review_at(
        self,
        rule: int,
        now: int,
        inputs: Sequence[Value],
        definitions: Sequence[Value],
        params: Sequence[Value],
    ) -> int:
        """Return the review instant (µs) of the hold that a rule of effect `hold` places."""
        hold = self.rules[rule].hold
        lasts = self._whole("hold", rule, (*inputs, *definitions), params)
        unit = DAY if hold is not None and hold.unit == "days" else HOUR
        return now + (1 if lasts is None else lasts) * unit

    def hold_cap(
        self,
        rule: int,
        inputs: Sequence[Value],
        definitions: Sequence[Value],
        params: Sequence[Value],
    ) -> int | None:
        """Return the cap (minor units) of the hold that a rule places, or None."""
        return self._whole("cap", rule, (*inputs, *definitions), params)

    def _whole(
        self, kind: str, rule: int, columns: Sequence[Value], params: Sequence[Value]
    ) -> int | None:
        """Evaluate a BIGINT expression of a rule, compiled at its first use."""
        function = self._on_demand.get((kind, rule))
        if function is None:
            compiled = self.compiled
            of_kind = {"until": compiled.untils, "hold": compiled.lengths, "cap": compiled.caps}
            expression = of_kind[kind].get(self.rules[rule].id)
            if expression is None:
                return None
            names = (*self.inputs, *self.definitions)
            function = compile_python(expression, names, self.parameter_names)
            self._on_demand[(kind, rule)] = function
        found = function(columns, params)
        return found if isinstance(found, int) else None
