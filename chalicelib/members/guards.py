"""What staff may not do to an account, whatever their role says. Pure: the one place that all changes ask."""

from chalicelib.core.context import Context
from chalicelib.core.errors import Conflict, Forbidden
from chalicelib.core.text import Text
from chalicelib.identity.entities import User
from chalicelib.identity.roles import covers, permissions_of


class OwnAccount(Forbidden):
    code = "own_account"
    title = Text("This is your own account", "不能操作自己的账号")
    detail = Text("Ask a colleague to do it.", "请由其他同事操作。")


class StaffProtected(Forbidden):
    code = "staff_protected"
    title = Text("This is the account of a member of staff", "该账号属于员工")
    detail = Text("Only somebody who may grant roles can change it.", "仅有权授予角色的人员可以操作。")


class AccountGone(Conflict):
    """Closed by its owner, or merged into another."""

    code = "account_gone"
    title = Text("This account is no longer in use", "该账号已注销或已合并")
    detail = Text("Nothing in it can be changed any more.", "无法再修改其内容。")


def check(ctx: Context, user: User) -> User:
    """The user, when the caller may change them. Raises OwnAccount, StaffProtected, AccountGone."""
    if user.user_id == ctx.actor.id:
        raise OwnAccount
    if user.roles and not _may_grant(ctx, user):
        raise StaffProtected
    if user.listed_as == "gone":
        raise AccountGone
    return user


def _may_grant(ctx: Context, user: User) -> bool:
    """Nobody has a hand in the account of one who may do more than they."""
    held = permissions_of(user.roles, ctx.tenant)
    return ctx.actor.may("roles:grant") and covers(ctx.actor.permissions, held)
