/** Which rules may decide about mail of which only stream and From domain are known yet: receivers, sizes and recipients differ from mail to mail. Pure. */
import type { RouteId } from '../../lib/ids.ts'
import type { Stream } from '../stream.ts'
import type { Picture } from './picture.ts'
import type { Rule } from './rule.ts'

export interface WayOut {
  /** Null: no rule, the default route. */
  readonly rule: Pick<Rule, 'name'> | null
  readonly routes: readonly RouteId[]
  /** Only some of the mail goes this way: those that a receiver, a recipient's domain or a size decides about. */
  readonly isForSome: boolean
}

/** In the order in which they are asked; the last one takes whatever none before it took. Mail with tags is not meant: campaigns have none. */
export function waysOut(
  { rules, routes }: Pick<Picture, 'rules' | 'routes'>,
  { stream, fromDomain }: { readonly stream: Stream; readonly fromDomain: string },
): WayOut[] {
  const ways: WayOut[] = []
  for (const { name, enabled, conditions, targets } of rules) {
    const { streams, from_domains, tags, receivers, recipient_domains, min_bytes, max_bytes } = conditions
    if (!enabled || tags || (streams && !streams.includes(stream)) || (from_domains && !from_domains.includes(fromDomain)))
      continue
    const isForSome = [receivers, recipient_domains, min_bytes, max_bytes].some((said) => said !== undefined)
    ways.push({ rule: { name }, routes: targets.map(({ route_id }) => route_id), isForSome })
    if (!isForSome) return ways
  }
  return [...ways, { rule: null, routes: routes.filter(({ isDefault }) => isDefault).map(({ id }) => id), isForSome: false }]
}
