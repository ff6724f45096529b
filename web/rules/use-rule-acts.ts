import { useQueryClient } from '@tanstack/react-query'
import { changeRule, listRules, previewRouting, type Rule, removeRule } from '../../src/api/endpoints/routing.ts'
import type { ReplyOf } from '../api.ts'
import { keyOf, useAction } from '../query.ts'
import { t } from '../texts/texts.ts'
import { announce } from '../ui/announce.ts'
import { useAsk } from '../ui/ask.tsx'
import { toast } from '../ui/toasts.tsx'

export const RULE_CHANGES = [listRules, previewRouting]

/** Moving and switching can be undone by doing the opposite, so they show at once; should the server say no, it is asked how things stand. */
export function useRuleActs(rules: readonly Rule[]) {
  const client = useQueryClient()
  const ask = useAsk()
  const change = useAction(changeRule, { changes: RULE_CHANGES })
  const drop = useAction(removeRule, { changes: RULE_CHANGES })
  function show(items: Rule[]) {
    client.setQueryData<ReplyOf<typeof listRules>>(keyOf(listRules, {}), (old) => old && { ...old, items })
  }
  const orAskAgain = { onError: () => void client.invalidateQueries({ queryKey: keyOf(listRules) }) }
  function move(rule: Rule, by: number) {
    const from = rules.indexOf(rule)
    const to = from + by
    if (to < 0 || to >= rules.length) return
    show(rules.toSpliced(from, 1).toSpliced(to, 0, rule))
    announce(t.rules.moved(rule.name, to + 1, rules.length))
    change.mutate({ params: { id: rule.id }, body: { position: to } }, orAskAgain)
  }
  function enable(rule: Rule, enabled: boolean) {
    show(rules.map((each) => (each.id === rule.id ? { ...each, enabled } : each)))
    announce(t.rules.switched(rule.name, enabled))
    change.mutate({ params: { id: rule.id }, body: { enabled } }, orAskAgain)
  }
  async function remove(rule: Rule) {
    const asked = { title: t.rules.removeTitle(rule.name), body: t.rules.removeBody, act: t.rules.removeAct, danger: true }
    if (await ask(asked)) drop.mutate({ params: { id: rule.id } }, { onSuccess: () => toast('good', t.rules.removed(rule.name)) })
  }
  return { move, enable, remove }
}
