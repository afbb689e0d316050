"""When to decide again: quarterly, or earlier where something the decision rests on ends."""

from calendar import monthrange
from collections.abc import Iterator, Sequence
from datetime import date

from blueprint.conditions import CERTIFICATION, conditions
from blueprint.recommendation.crossing import months_until
from blueprint.recommendation.data import hosting
from blueprint.recommendation.picture import Picture
from blueprint.recommendation.result import Review, UseCaseAdvice


def review(picture: Picture, advices: Sequence[UseCaseAdvice] = ()) -> Review:
    """The earliest day one of the reasons asks for, not before the day of the decision."""
    quarter = Review(later(picture.on, int(hosting().review_months.value)), "quarterly check-in")
    found = min([quarter, *_expiries(picture), *_crossings(picture, advices)], key=lambda one: one.on)
    return Review(max(found.on, picture.on), found.because)


def _expiries(picture: Picture) -> Iterator[Review]:
    """Declared conditions that count for so many months only."""
    for name, day in picture.env.data_residency.declared.items():
        kind = name.partition(".")[0]
        months = conditions()[CERTIFICATION if kind == CERTIFICATION else name].valid_months
        if months:
            yield Review(later(date.fromisoformat(day), months), f"{conditions()[kind].what} of {day} counts for {months} months")


def _crossings(picture: Picture, advices: Sequence[UseCaseAdvice]) -> Iterator[Review]:
    """Use cases that outgrow their API before the quarter is over, at the growth the demand says."""
    for advice in advices:
        use = picture.uses.get(advice.name)
        times = next((change.times for change in advice.changes if change.times), None)
        if use is not None and times is not None and use.growth_per_year > 0:
            months = months_until(times, use.growth_per_year)
            if months < hosting().review_months.value:
                yield Review(later(picture.on, months), f"at its growth {advice.name} then costs no more on machines")


def later(day: date, months: int) -> date:
    """The same day so many months later, or the last one of that month."""
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    return date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))
