import { CircleCheck, CircleDashed, CircleX } from 'lucide-react'
import type { RouteAccount } from '../../src/api/endpoints/routes.ts'
import { t } from '../texts/texts.ts'
import { Badge } from '../ui/badge.tsx'
import { Facts } from '../ui/facts.tsx'
import { clockOrDay, number } from '../ui/format.ts'
import { Note } from '../ui/note.tsx'
import { Rows } from '../ui/rows.tsx'
import { useNow } from '../ui/time.tsx'
import styles from './account-panel.module.css'

type Domain = RouteAccount['domains'][number]

const LOOKS = {
  verified: { tone: 'good', icon: CircleCheck },
  pending: { tone: 'wait', icon: CircleDashed },
  failed: { tone: 'bad', icon: CircleX },
} as const

/** What the provider of a route says about its account: how much was sent, and which domains may. */
export function AccountFacts({ account }: { account: RouteAccount }) {
  const now = useNow()
  if (account.examined_at === null) return <Note tone="calm">{t.routes.accountNever}</Note>
  const { quota, domains } = account
  return (
    <>
      <Facts
        facts={[
          [t.routes.sent, quota && quotaText(quota)],
          [t.routes.rate, quota?.per_second ? t.routes.perSecond(number(quota.per_second)) : null],
        ]}
      />
      {domains.length > 0 && <Domains domains={domains} />}
      <p className={styles.when}>{t.routes.accountAt(clockOrDay(account.examined_at, now))}</p>
    </>
  )
}

function quotaText({ used, limit, per }: NonNullable<RouteAccount['quota']>): string {
  return limit === null ? t.routes.quotaUsed(number(used), per) : t.routes.quotaOf(number(used), number(limit), per)
}

function Domains({ domains }: { domains: readonly Domain[] }) {
  return (
    <Rows
      label={t.routes.domains}
      rows={domains}
      keyOf={({ domain }) => domain}
      columns={[
        { key: 'domain', header: t.routes.domains, cell: ({ domain }) => domain },
        {
          key: 'state',
          header: t.routes.domainStates.verified,
          isHidden: true,
          end: true,
          cell: ({ state, detail }) => (
            <span title={detail ?? undefined}>
              <Badge {...LOOKS[state]} label={t.routes.domainStates[state]} plain />
            </span>
          ),
        },
      ]}
    />
  )
}
