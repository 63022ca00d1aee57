"""What administrators change. Each act is written into the audit log, in its own transaction."""

from collections.abc import Sequence
from datetime import timedelta

from sqlalchemy import delete
from sqlalchemy.ext.asyncio import AsyncSession

from bookapp.accounts import factor_actions, reset_actions
from bookapp.accounts.actions import record
from bookapp.accounts.models import Account, AccountSession, ApiToken, Invite, ResetLink
from bookapp.accounts.rules import digest, new_secret
from bookapp.admin import merge_queries, queries, rules
from bookapp.admin.commands import EditPerson, MakeInvite
from bookapp.admin.results import LinkMade
from bookapp.advice import merge_actions as advice
from bookapp.books import merging
from bookapp.core import clock
from bookapp.core.actor import Actor
from bookapp.core.errors import Conflict, NotFound
from bookapp.core.events import CATALOGUE, announce, presence_changed, session_changed
from bookapp.imports import merge_actions as imports
from bookapp.jobs import actions as jobs
from bookapp.lists import merge_actions as tasks
from bookapp.openlibrary import merge_actions as pictures
from bookapp.recommender import merge_actions as dismissals
from bookapp.recommender import mute_merge_actions as mutes
from bookapp.shelves import merge_actions as shelves
from bookapp.suggestions import merge_actions as suggestions

FOLLOWERS: Sequence[merging.Follower] = (shelves, tasks, advice, suggestions, imports, dismissals, pictures)
"""What goes where a book goes."""
AUTHOR_FOLLOWERS: Sequence[merging.Follower] = (mutes,)
"""What goes where an author's books go."""
_LONGEST_SUBJECT = 200


async def edit_account(
    db: AsyncSession, actor: Actor, account_id: int, command: EditPerson, version: int | None, *, address: str
) -> None:
    """Change what somebody may do here, and whether they may come in at all.

    Raises NotFound, and Conflict when the account is no longer `version` or is the last active administrator's.
    """
    account, has_others = await queries.find_account(db, account_id)
    if version is not None and account.version != version:
        newer = await queries.show_account(db, actor, account_id)
        raise Conflict("This account was changed since you opened the page. Nothing was overwritten.", newer=newer)
    before, was_disabled = account.role, account.disabled_at is not None
    role = command.get("role", before)
    is_disabled = command["state"] == "disabled" if "state" in command else was_disabled
    was_active = before == "admin" and not was_disabled and account.delete_at is None
    if rules.is_needed(was_active=was_active, stays_active=role == "admin" and not is_disabled, has_others=has_others):
        raise Conflict(f"{account.username} is the only active administrator. Make somebody else one first.")
    if (role, is_disabled) == (before, was_disabled):
        return
    account.role, account.version = role, account.version + 1
    if role != before:
        await record(db, actor, "role changed", account.username, address=address, before=before, after=role)
    if is_disabled != was_disabled:
        await _disable(db, actor, account, is_disabled, address)
    await db.flush()


async def _disable(db: AsyncSession, actor: Actor, account: Account, is_disabled: bool, address: str) -> None:
    """Shut somebody out or let them in. What opened the door before is gone, also for the time after."""
    account.disabled_at = clock.now() if is_disabled else None
    announce(db, CATALOGUE)  # what they say to everyone goes and comes with them
    if account.delete_at is None:
        announce(db, presence_changed(account.id))
    if is_disabled:
        for opens in (AccountSession, ApiToken, ResetLink):
            await db.execute(delete(opens).where(opens.account_id == account.id))
        announce(db, session_changed(account.id))
    await record(db, actor, "account disabled" if is_disabled else "account enabled", account.username, address=address)


async def make_reset_link(db: AsyncSession, actor: Actor, account_id: int, base: str, *, address: str) -> LinkMade:
    """A link by which somebody chooses a new password. Raises NotFound, and Conflict when they are disabled."""
    if account_id == actor.id:
        # A key or an open browser must not become the account itself: there one's password is asked for.
        raise Conflict("Choose another password on your own page.")
    person = await queries.show_account(db, actor, account_id)
    if person.state == "disabled":
        raise Conflict(f"{person.username} is disabled, so a new password would open nothing.")
    path = await reset_actions.make_link(db, actor, account_id, address=address)
    return LinkMade(
        link=base + path,
        what="new password",
        note=person.username,
        expires_at=clock.now() + reset_actions.LASTS,
        back=rules.account_url(account_id),
    )


async def take_factor_off(db: AsyncSession, actor: Actor, account_id: int, *, address: str) -> None:
    """Take a lost second factor off an account. Raises NotFound, and Conflict when it is off."""
    if account_id == actor.id:
        raise Conflict("Switch it off on your own page.")
    await queries.show_account(db, actor, account_id)
    await factor_actions.switch_off(db, actor, account_id, address=address)


async def make_invite(db: AsyncSession, actor: Actor, command: MakeInvite, base: str, *, address: str) -> LinkMade:
    """A link by which somebody can register. Only its digest is stored."""
    note = command.note or ""
    now, token = clock.now(), new_secret()[: rules.INVITE_LENGTH]
    invite = Invite(
        token_hash=digest(token),
        prefix=token[:6],
        note=note,
        made_by=actor.name,
        created_at=now,
        expires_at=now + timedelta(days=command.days),
        uses=0,
        most_uses=command.most_uses,
    )
    db.add(invite)
    await db.flush()
    await record(db, actor, "invitation made", note, address=address, days=command.days, most_uses=command.most_uses)
    return LinkMade(
        link=f"{base}/register?invite={token}",
        what="invitation",
        note=note,
        expires_at=invite.expires_at,
        back="/admin/invites",
    )


async def delete_invite(db: AsyncSession, actor: Actor, invite_id: int, *, address: str) -> None:
    """Take an invitation back; who came by it stays. Raises NotFound."""
    invite = await db.get(Invite, invite_id)
    if invite is None:
        raise NotFound(queries.NO_INVITE)
    await db.delete(invite)
    await record(db, actor, "invitation deleted", invite.note, address=address, uses=invite.uses)


async def cancel_job(db: AsyncSession, actor: Actor, job_id: int, *, address: str) -> None:
    """Stop anybody's job. Raises NotFound, and Conflict when it is over."""
    title = await jobs.cancel_any_job(db, job_id)
    await record(db, actor, "job stopped", title, address=address, number=job_id)


async def retry_job(db: AsyncSession, actor: Actor, job_id: int, *, address: str) -> None:
    """Have anybody's job tried again. Raises NotFound, and Conflict when it is done or at work."""
    title = await jobs.retry_any_job(db, job_id)
    await record(db, actor, "job tried again", title, address=address, number=job_id)


async def merge_authors(db: AsyncSession, actor: Actor, from_id: int, into_id: int, *, address: str) -> int:
    """Make two authors one and return the merge's id. Raises NotFound, and Invalid for an author and themselves."""
    merge_id = await merging.merge_authors(db, actor, from_id, into_id, AUTHOR_FOLLOWERS)
    await _record_merge(db, actor, "authors merged", merge_id, address)
    return merge_id


async def merge_books(db: AsyncSession, actor: Actor, from_id: int, into_id: int, *, address: str) -> int:
    """Make two books one and return the merge's id. Raises NotFound, and Invalid for a book and itself."""
    merge_id = await merging.merge_books(db, actor, from_id, into_id, FOLLOWERS)
    await _record_merge(db, actor, "books merged", merge_id, address)
    return merge_id


async def undo_merge(db: AsyncSession, actor: Actor, merge_id: int, *, address: str) -> None:
    """Make two of one again. Raises NotFound, and Conflict when that cannot be done, or not yet."""
    await merging.undo_merge(db, actor, merge_id, (*FOLLOWERS, *AUTHOR_FOLLOWERS))
    await _record_merge(db, actor, "merge undone", merge_id, address)


async def _record_merge(db: AsyncSession, actor: Actor, what: str, merge_id: int, address: str) -> None:
    merge = await merge_queries.show_merge(db, merge_id)
    details = {"number": merge_id, "from": merge.from_id, "into": merge.into_id}
    await record(db, actor, what, merge.from_name[:_LONGEST_SUBJECT], address=address, **details)
