import { actorReference } from '../../accounts/actor.ts'
import { type NamedActor, nameActors } from '../../accounts/names.ts'
import type { Rule } from '../../inbound/ignoring/rule.ts'
import { addRule, listRules, removeRule, tryRule } from '../../inbound/ignoring/rules.ts'
import { addIgnoreRule, type IgnoreRule, listIgnoreRules, removeIgnoreRule, tryIgnoreRule } from '../endpoints/ignore-rules.ts'
import { type Route, route } from '../route.ts'

export function ignoreRuleRoutes(): Route[] {
  return [
    route(listIgnoreRules, async ({ tx, params, actor }) => {
      const rules = await listRules(tx, actor.workspaceId, params.inbox_id ?? null)
      const name = await nameActors(
        tx,
        actor.workspaceId,
        rules.map(({ createdBy }) => createdBy),
      )
      return { items: rules.map((rule) => toRule(rule, name)), next: null }
    }),
    route(addIgnoreRule, async ({ tx, body, actor, now }) => {
      const { inbox_id: inboxId, field, pattern, note = '' } = body
      const by = { workspaceId: actor.workspaceId, actor: actorReference(actor) }
      const { rule } = await addRule(tx, by, { inboxId, field, pattern, note }, now)
      return toRule(rule, await nameActors(tx, actor.workspaceId, [rule.createdBy]))
    }),
    route(tryIgnoreRule, async ({ tx, body, actor }) => {
      const { inbox_id: inboxId, field, pattern } = body
      const { looked, fits, wouldBeMissed, examples } = await tryRule(tx, actor.workspaceId, { inboxId, field, pattern })
      return {
        looked,
        fits,
        would_be_missed: wouldBeMissed,
        examples: examples.map(({ from, subject, receivedAt }) => ({ from, subject, received_at: receivedAt })),
      }
    }),
    route(removeIgnoreRule, async ({ tx, params, actor, now }) =>
      removeRule(tx, { workspaceId: actor.workspaceId, actor: actorReference(actor) }, params.id, now),
    ),
  ]
}

function toRule(rule: Rule, name: (reference: string | null) => NamedActor): IgnoreRule {
  const { id, inboxId, field, pattern, note, createdAt, createdBy, turnedAway, lastAt } = rule
  return {
    ...{ id, inbox_id: inboxId, field, pattern, note, created_at: createdAt },
    created_by: createdBy === null ? null : name(createdBy).name,
    turned_away: turnedAway,
    last_at: lastAt,
  }
}
