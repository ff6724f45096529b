import { Button, Switch } from '@mantine/core'
import { useState } from 'react'
import { getCampaignArchive } from '../../../src/api/endpoints/campaign-archive.ts'
import { useEndpoint } from '../../query.ts'
import { t } from '../../texts/texts.ts'
import { Note } from '../../ui/note.tsx'
import styles from '../edit/edit.module.css'
import type { PanelProps } from '../edit/panels.ts'
import { ArchiveDialog } from './archive-dialog.tsx'

export function ArchivePanel({ campaign, onChange }: PanelProps) {
  const says = t.campaignSettings.archive
  return (
    <div className={styles.fields}>
      <Switch
        label={says.on}
        description={says.hint}
        checked={campaign.is_public}
        onChange={(event) => onChange({ is_public: event.currentTarget.checked })}
      />
      <ArchiveState isPublic={campaign.is_public} />
    </div>
  )
}

/** Whether there is a place where it can be read. */
function ArchiveState({ isPublic }: { isPublic: boolean }) {
  const [isOpen, open] = useState(false)
  const query = useEndpoint(getCampaignArchive, {})
  const says = t.campaignSettings.archive
  if (!query.data) return null
  const { archive } = query.data
  return (
    <>
      {isPublic && !archive?.is_open && <Note tone="care">{says.closed}</Note>}
      <div className={styles.quiet}>
        <Button variant="default" size="xs" onClick={() => open(true)}>
          {says.open}
        </Button>{' '}
        {archive?.is_open && (
          <a href={archive.url} target="_blank" rel="noreferrer">
            {says.visit}
          </a>
        )}
      </div>
      {isOpen && <ArchiveDialog archive={archive} onClose={() => open(false)} />}
    </>
  )
}
