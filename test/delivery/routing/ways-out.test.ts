import { expect, test } from 'vitest'
import type { Picture } from '../../../src/delivery/routing/picture.ts'
import type { Rule, RuleConditions } from '../../../src/delivery/routing/rule.ts'
import { waysOut } from '../../../src/delivery/routing/ways-out.ts'
import { newId, type RouteId } from '../../../src/lib/ids.ts'

const [usual, other] = [newId<RouteId>(), newId<RouteId>()]
const routes = [{ id: usual, isDefault: true }] as unknown as Picture['routes']
const rule = (name: string, conditions: RuleConditions, enabled = true): Rule => ({
  ...{ id: newId(), position: 1, name, enabled, conditions, trip: null },
  targets: [{ route_id: other, weight: 1 }],
})
const ways = (rules: readonly Rule[]) =>
  waysOut({ rules, routes }, { stream: 'bulk', fromDomain: 'shop.example' }).map(({ rule: by, isForSome }) => [
    by?.name,
    isForSome,
  ])

test('the rule that takes all of it is the last, and those before it that take some of it are named', () => {
  const rules = [
    rule('off', {}, false),
    rule('other stream', { streams: ['transactional'] }),
    rule('other domain', { from_domains: ['else.example'] }),
    rule('tagged', { tags: ['invoice'] }),
    rule('to Google', { receivers: ['google'] }),
    rule('newsletters', { streams: ['bulk'], from_domains: ['shop.example'] }),
    rule('never asked', {}),
  ]
  expect(ways(rules)).toEqual([
    ['to Google', true],
    ['newsletters', false],
  ])
  expect(ways(rules.slice(0, 5))).toEqual([
    ['to Google', true],
    [undefined, false],
  ])
})
