"""Should we self-host, and which use case where? Hard constraints first, then cost, then the people who would run it.

result.py       what a recommendation says
recommend.py    the steps in order
"""

from blueprint.recommendation.recommend import recommend
from blueprint.recommendation.result import Recommendation

__all__ = ["Recommendation", "recommend"]
