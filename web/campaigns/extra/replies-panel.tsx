import { Select } from '@mantine/core'
import { listInboxes } from '../../../src/api/endpoints/inboxes.ts'
import type { InboxId } from '../../../src/lib/ids.ts'
import { useEndpoint } from '../../query.ts'
import { t } from '../../texts/texts.ts'
import type { PanelProps } from '../edit/panels.ts'

/** Where answers become conversations. An inbox and another address exclude one another. */
export function RepliesPanel({ campaign, onChange }: PanelProps) {
  const inboxes = useEndpoint(listInboxes, {}).data?.items ?? []
  const says = t.campaignSettings.replies
  const open = inboxes.filter(({ closed_at, id }) => closed_at === null || id === campaign.reply_inbox_id)
  return (
    <Select
      label={says.inbox}
      description={says.hint}
      placeholder={says.nobody}
      data={open.map(({ id, name, address }) => ({ value: id, label: `${name} (${address})` }))}
      searchable
      clearable
      value={campaign.reply_inbox_id}
      onChange={(value) => {
        const reply_inbox_id = value as InboxId | null
        onChange(reply_inbox_id ? { reply_inbox_id, reply_to: null } : { reply_inbox_id })
      }}
    />
  )
}
