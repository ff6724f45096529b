import { Button, Menu } from '@mantine/core'
import { Download } from 'lucide-react'
import { useState } from 'react'
import {
  type ContactExport,
  downloadContactExport,
  getContactExport,
  listContactExports,
  startContactExport,
} from '../../src/api/endpoints/contact-exports.ts'
import { hrefOf } from '../api.ts'
import { useMe, whyNot } from '../me.ts'
import { useAction, useEndpoint } from '../query.ts'
import { t } from '../texts/texts.ts'
import { ActButton } from '../ui/act-button.tsx'
import { Note } from '../ui/note.tsx'

const AGAIN_MS = 800

/** Writes what is shown to a file: a job does it, and it is there when the page is opened again. */
export function useContactExport(scope: ContactExport['scope']) {
  const [id, setId] = useState<ContactExport['id'] | null>(null)
  const because = whyNot(useMe(), 'audience.manage')
  const start = useAction(startContactExport, { changes: [listContactExports], onDone: (begun) => setId(begun.id) })
  const icon = <Download size={15} aria-hidden />
  const menu =
    because === null ? (
      <Menu position="bottom-end" withinPortal>
        <Menu.Target>
          <Button variant="default" loading={start.isPending} leftSection={icon} title={t.contacts.exportHint}>
            {t.contacts.exportAs}
          </Button>
        </Menu.Target>
        <Menu.Dropdown>
          <Menu.Item onClick={() => start.mutate({ body: { format: 'csv', scope } })}>{t.contacts.exportCsv}</Menu.Item>
          <Menu.Item onClick={() => start.mutate({ body: { format: 'jsonl', scope } })}>{t.contacts.exportJson}</Menu.Item>
        </Menu.Dropdown>
      </Menu>
    ) : (
      <ActButton variant="default" because={because} leftSection={icon}>
        {t.contacts.exportAs}
      </ActButton>
    )
  return { menu, progress: id && <Progress id={id} /> }
}

function Progress({ id }: { readonly id: ContactExport['id'] }) {
  const first = useEndpoint(getContactExport, { id })
  const isRunning = first.data?.state === 'running'
  useEndpoint(getContactExport, { id }, { everyMs: AGAIN_MS, enabled: isRunning })
  if (!first.data || isRunning) return <Note tone="wait">{t.contacts.exporting(first.data?.rows ?? 0)}</Note>
  if (first.data.state === 'failed') return <Note tone="bad">{t.contacts.exportFailed(first.data.problem)}</Note>
  const link = (
    <a href={hrefOf(downloadContactExport, { id })} download>
      {t.contacts.download}
    </a>
  )
  return (
    <Note tone="good" act={link} alert>
      {t.contacts.exported(first.data.rows)}
    </Note>
  )
}
