import { Button, Radio } from '@mantine/core'
import { useState } from 'react'
import { t } from '../../texts/texts.ts'
import { Dialog } from '../../ui/dialog.tsx'
import { Form, FormActs } from '../../ui/form.tsx'

export interface PortChoice {
  readonly key: string
  readonly label: string
  readonly is_failure: boolean
  /** The step it leads to, in words; null: the path ends. */
  readonly to: string | null
}

interface Props {
  readonly title: string
  readonly lead: string
  readonly act: string
  readonly ports: readonly PortChoice[]
  readonly onChoose: (port: string) => void
  readonly onClose: () => void
}

export function SkipDialog({ title, lead, act, ports, onChoose, onClose }: Props) {
  const [port, setPort] = useState(ports.find(({ is_failure }) => !is_failure)?.key ?? ports[0]?.key ?? '')
  function submit() {
    onClose()
    onChoose(port)
  }
  return (
    <Dialog title={title} onClose={onClose}>
      <Form onSubmit={submit}>
        <p>{lead}</p>
        <Radio.Group label={t.run.skipPort} value={port} onChange={setPort}>
          {ports.map(({ key, label, is_failure, to }) => (
            <Radio
              key={key}
              mt={8}
              value={key}
              label={`${label || key}${is_failure ? ` (${t.run.failure})` : ''}`}
              description={to === null ? t.run.skipNowhere : `→ ${to}`}
            />
          ))}
        </Radio.Group>
        <FormActs end>
          <Button variant="default" onClick={onClose}>
            {t.common.cancel}
          </Button>
          <Button type="submit" disabled={port === ''}>
            {act}
          </Button>
        </FormActs>
      </Form>
    </Dialog>
  )
}
