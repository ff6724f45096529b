import { Button, Checkbox, NumberInput, Select, Switch, TextInput } from '@mantine/core'
import { useState } from 'react'
import { createCredential, listCredentials, type SmtpPlace } from '../../src/api/endpoints/credentials.ts'
import { STREAMS, type Stream } from '../../src/delivery/stream.ts'
import { useAction } from '../query.ts'
import { t } from '../texts/texts.ts'
import { Dialog } from '../ui/dialog.tsx'
import { errorsFor } from '../ui/field-errors.ts'
import { Form, FormActs, FormRow } from '../ui/form.tsx'
import styles from './credentials.module.css'
import { ShownPassword } from './shown-password.tsx'

const DAY_MS = 86_400_000
const LIFETIMES = [30, 90, 365]
const FIELDS = ['/name', '/streams', '/from_domains', '/networks', '/rate_per_minute']

/** Makes a credential, then shows its settings with the password, once. */
export function CreateCredential({ place, onClose }: { place: SmtpPlace; onClose: () => void }) {
  const [name, setName] = useState('')
  const [streams, setStreams] = useState<readonly Stream[]>(['transactional'])
  const [domains, setDomains] = useState('')
  const [networks, setNetworks] = useState('')
  const [rate, setRate] = useState<number | null>(null)
  const [days, setDays] = useState('')
  const [sandbox, setSandbox] = useState(false)
  const create = useAction(createCredential, { quiet: true, changes: [listCredentials] })
  if (create.data) return <ShownPassword credential={create.data} place={place} onClose={onClose} />

  const errors = errorsFor(create.error, FIELDS)
  function submit() {
    create.mutate({
      body: {
        name: name.trim(),
        streams: [...streams],
        from_domains: listed(domains),
        networks: listed(networks),
        rate_per_minute: rate,
        sandbox,
        ...(days !== '' && { expires_at: new Date(Date.now() + Number(days) * DAY_MS).toISOString() }),
      },
    })
  }
  return (
    <Dialog title={t.credentials.createTitle} onClose={onClose}>
      <Form onSubmit={submit} problem={errors.rest}>
        <TextInput
          label={t.credentials.name}
          description={t.credentials.nameHint}
          value={name}
          error={errors.of('/name')}
          maxLength={100}
          data-autofocus
          required
          onChange={(event) => setName(event.currentTarget.value)}
        />
        <Checkbox.Group
          label={t.credentials.streams}
          description={t.credentials.streamsHint}
          value={[...streams]}
          error={errors.of('/streams')}
          onChange={(values) => setStreams(STREAMS.filter((stream) => values.includes(stream)))}
        >
          <div className={styles.choices}>
            {STREAMS.map((stream) => (
              <Checkbox key={stream} value={stream} label={t.credentials.streamNames[stream]} />
            ))}
          </div>
        </Checkbox.Group>
        <TextInput
          label={t.credentials.fromDomains}
          description={t.credentials.fromDomainsHint}
          value={domains}
          error={errors.of('/from_domains')}
          onChange={(event) => setDomains(event.currentTarget.value)}
        />
        <TextInput
          label={t.credentials.networks}
          description={t.credentials.networksHint}
          value={networks}
          error={errors.of('/networks')}
          onChange={(event) => setNetworks(event.currentTarget.value)}
        />
        <FormRow half>
          <NumberInput
            label={t.credentials.rate}
            placeholder={t.credentials.rateHint}
            value={rate ?? ''}
            error={errors.of('/rate_per_minute')}
            min={1}
            allowDecimal={false}
            onChange={(value) => setRate(typeof value === 'number' ? value : null)}
          />
          <Select
            label={t.credentials.expires}
            value={days}
            allowDeselect={false}
            data={[
              { value: '', label: t.developers.expiresNever },
              ...LIFETIMES.map((n) => ({ value: String(n), label: t.developers.expiresDays(n) })),
            ]}
            onChange={(value) => setDays(value ?? '')}
          />
        </FormRow>
        <Switch
          label={t.credentials.sandbox}
          description={t.credentials.sandboxHint}
          checked={sandbox}
          onChange={(event) => setSandbox(event.currentTarget.checked)}
        />
        <FormActs end>
          <Button variant="default" onClick={onClose}>
            {t.common.cancel}
          </Button>
          <Button type="submit" loading={create.isPending}>
            {t.credentials.createAct}
          </Button>
        </FormActs>
      </Form>
    </Dialog>
  )
}

function listed(text: string): string[] {
  return text.split(/[\s,;]+/).filter((part) => part !== '')
}
