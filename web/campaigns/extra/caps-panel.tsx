import { Button, Switch } from '@mantine/core'
import { useState } from 'react'
import { listCampaignCaps } from '../../../src/api/endpoints/campaign-caps.ts'
import { listLists } from '../../../src/api/endpoints/lists.ts'
import { useEndpoint } from '../../query.ts'
import { t } from '../../texts/texts.ts'
import styles from '../edit/edit.module.css'
import type { PanelProps } from '../edit/panels.ts'
import { CapsDialog } from './caps-dialog.tsx'

/** The limits that hold for this campaign, and whether it is one that reaches everybody. */
export function CapsPanel({ campaign, onChange }: PanelProps) {
  const [isOpen, open] = useState(false)
  const caps = useEndpoint(listCampaignCaps, {}).data?.items
  const lists = useEndpoint(listLists, {}).data?.items ?? []
  const says = t.campaignSettings.caps
  const mine = campaign.audience.lists
  const holding = caps?.filter(({ list_id: id }) => id === null || mine.includes(id)) ?? []
  const nameOf = (id: string) => lists.find((list) => list.id === id)?.name ?? ''
  return (
    <div className={styles.fields}>
      {caps && holding.length === 0 && <p className={styles.quiet}>{says.none}</p>}
      {holding.length > 0 && (
        <>
          <ul className={styles.checks}>
            {holding.map(({ list_id: id, mails, days }) => (
              <li key={id ?? 'all'}>
                <span>
                  {says.of(mails, days)}{' '}
                  <span className={styles.quiet}>{id === null ? says.ofAll : says.ofList(nameOf(id))}</span>
                </span>
              </li>
            ))}
          </ul>
          <p className={styles.quiet}>{says.holds}</p>
          <Switch
            label={says.exempt}
            checked={campaign.cap_exempt}
            onChange={(event) => onChange({ cap_exempt: event.currentTarget.checked })}
          />
        </>
      )}
      <div>
        <Button variant="default" size="xs" disabled={!caps} onClick={() => open(true)}>
          {says.change}
        </Button>
      </div>
      {isOpen && caps && <CapsDialog caps={caps} lists={lists} onClose={() => open(false)} />}
    </div>
  )
}
