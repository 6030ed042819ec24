"""The parts of a case on its coordinator's page: inviting a hospital, joining two reports of one woman, undoing that."""

from admin_views.cases.case_parts import Invitation, invited
from admin_views.grid.act_forms import ActForm, RowField, TextField
from admin_views.grid.acts import act
from models.cases.case import Case


class OtherCase(ActForm):
    other = RowField(name="andere", model=Case, field="key")


class Apart(ActForm):
    reason = TextField(name="waarom-apart")


def join(case, by, other):
    """Make one case of two reports; who reported first stays the whole."""
    first, second = sorted((case, other), key=lambda one: (one.created_at, one.id))
    return first.join(second, by)


class ReviewParts:
    """The part of the coordinator's screens about other parts of a case."""

    invite = act("/<key>/uitnodigen", Case.invite, form=Invitation, done=invited, anchor="delen")
    join = act(
        "/<key>/samenvoegen", join, form=OtherCase, anchor="delen",
        done="Dit is nu één casus: {made.number} is er een deel van en telt niet meer apart mee.",
    )  # fmt: skip
    separate = act("/<key>/losmaken", Case.separate, form=Apart, done="Melding {0.number} is weer een eigen casus.")
