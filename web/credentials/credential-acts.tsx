import { Button, Select } from '@mantine/core'
import { useState } from 'react'
import {
  type Credential,
  listCredentials,
  revokeCredential,
  rotateCredential,
  type SmtpPlace,
} from '../../src/api/endpoints/credentials.ts'
import { useAction } from '../query.ts'
import { t } from '../texts/texts.ts'
import { ActButton } from '../ui/act-button.tsx'
import { useAsk } from '../ui/ask.tsx'
import { Dialog } from '../ui/dialog.tsx'
import { errorsFor } from '../ui/field-errors.ts'
import { Form, FormActs } from '../ui/form.tsx'
import { ago } from '../ui/format.ts'
import { toast } from '../ui/toasts.tsx'
import styles from './credentials.module.css'
import { ShownPassword } from './shown-password.tsx'

const OVERLAPS = [0, 1, 24, 168]

export function CredentialActs({ credential, place }: { credential: Credential; place: SmtpPlace }) {
  const { id, name, last_used_at } = credential
  const ask = useAsk()
  const [isRotating, setRotating] = useState(false)
  const revoke = useAction(revokeCredential, {
    changes: [listCredentials],
    onDone: () => toast('good', t.credentials.revoked(name)),
  })
  async function run() {
    const used = last_used_at ? ago(last_used_at, new Date()) : null
    const { revokeTitle, revokeBody, revoke: act } = t.credentials
    if (await ask({ title: revokeTitle(name), body: revokeBody(used), act, danger: true })) revoke.mutate({ params: { id } })
  }
  return (
    <div className={styles.acts}>
      <ActButton label={`${t.credentials.rotate}: ${name}`} size="compact-sm" variant="default" onClick={() => setRotating(true)}>
        {t.credentials.rotate}
      </ActButton>
      <ActButton
        label={`${t.credentials.revoke}: ${name}`}
        size="compact-sm"
        variant="default"
        loading={revoke.isPending}
        onClick={() => void run()}
      >
        {t.credentials.revoke}
      </ActButton>
      {isRotating && <Rotate credential={credential} place={place} onClose={() => setRotating(false)} />}
    </div>
  )
}

function Rotate({ credential, place, onClose }: { credential: Credential; place: SmtpPlace; onClose: () => void }) {
  const [hours, setHours] = useState('24')
  const rotate = useAction(rotateCredential, { quiet: true, changes: [listCredentials] })
  if (rotate.data) return <ShownPassword credential={rotate.data} place={place} onClose={onClose} />
  const submit = () => rotate.mutate({ params: { id: credential.id }, body: { overlap_hours: Number(hours) } })
  return (
    <Dialog title={t.credentials.rotateTitle(credential.name)} onClose={onClose}>
      <Form onSubmit={submit} problem={errorsFor(rotate.error, []).rest}>
        <p>{t.credentials.rotateBody}</p>
        <Select
          label={t.credentials.overlap}
          value={hours}
          allowDeselect={false}
          data={OVERLAPS.map((n) => ({ value: String(n), label: t.credentials.overlaps(n) }))}
          onChange={(value) => setHours(value ?? '24')}
        />
        <FormActs end>
          <Button variant="default" onClick={onClose}>
            {t.common.cancel}
          </Button>
          <Button type="submit" loading={rotate.isPending}>
            {t.credentials.rotateAct}
          </Button>
        </FormActs>
      </Form>
    </Dialog>
  )
}
