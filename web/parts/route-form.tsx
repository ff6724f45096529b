import { NativeSelect, NumberInput, PasswordInput, SegmentedControl, Switch, TextInput } from '@mantine/core'
import { useId } from 'react'
import type { RouteSecurity } from '../../src/api/endpoints/route-settings.ts'
import { PRESETS } from '../../src/insight/doctor/presets.ts'
import { t } from '../texts/texts.ts'
import { errorsFor, type Refused } from '../ui/field-errors.ts'
import { FormRow } from '../ui/form.tsx'
import { type RouteDraft, withPort, withSecurity } from './route-draft.ts'
import styles from './route-form.module.css'

interface Props {
  readonly draft: RouteDraft
  readonly onChange: (draft: RouteDraft) => void
  readonly refused: Refused | null
  readonly hasPassword?: boolean
  readonly withName?: boolean
  /** Offers the servers of well-known providers. */
  readonly withPresets?: boolean
}

export const SMTP_POINTERS = [
  '/name',
  ...[
    'host',
    'port',
    'security',
    'user',
    'password',
    'helo_name',
    'max_connections',
    'max_messages_per_connection',
    'certificate_fingerprint',
  ].map((field) => `/settings/${field}`),
]

/** The fields of a mail server, the same at set-up, for a new route and for an old one. */
export function RouteFields({ draft, onChange, refused, hasPassword = false, withName = true, withPresets = false }: Props) {
  const errors = errorsFor(refused, SMTP_POINTERS)
  const set = (change: Partial<RouteDraft>) => onChange({ ...draft, ...change })
  return (
    <>
      {withPresets && <Presets draft={draft} onChange={onChange} />}
      {withName && (
        <TextInput
          label={t.routeForm.name}
          description={t.routeForm.nameHint}
          value={draft.name}
          error={errors.of('/name')}
          maxLength={100}
          required
          onChange={(event) => set({ name: event.currentTarget.value })}
        />
      )}
      <FormRow>
        <TextInput
          label={t.routeForm.host}
          placeholder={t.routeForm.hostPlaceholder}
          value={draft.host}
          error={errors.of('/settings/host')}
          autoComplete="off"
          spellCheck={false}
          required
          onChange={(event) => set({ host: event.currentTarget.value })}
        />
        <NumberInput
          label={t.routeForm.port}
          value={draft.port}
          error={errors.of('/settings/port')}
          min={1}
          max={65_535}
          hideControls
          allowDecimal={false}
          onChange={(port) => onChange(withPort(draft, Number(port) || 0))}
        />
      </FormRow>
      <Security value={draft.security} onChange={(security) => onChange(withSecurity(draft, security))} />
      <FormRow half>
        <TextInput
          label={t.routeForm.user}
          description={t.routeForm.userHint}
          value={draft.user}
          error={errors.of('/settings/user')}
          autoComplete="off"
          spellCheck={false}
          onChange={(event) => set({ user: event.currentTarget.value })}
        />
        <PasswordInput
          label={t.routeForm.password}
          placeholder={hasPassword && draft.password === null ? t.routeForm.passwordKept : ''}
          value={draft.password ?? ''}
          error={errors.of('/settings/password')}
          autoComplete="new-password"
          visibilityToggleButtonProps={{ 'aria-label': t.fields.showPassword }}
          onChange={(event) => set({ password: event.currentTarget.value })}
        />
      </FormRow>
      <Advanced draft={draft} set={set} error={errors.of} />
    </>
  )
}

/** Those whose servers are offered; the others are reached by their names as well. */
const OFFERED: ReadonlySet<string> = new Set([
  'Gmail',
  'Google Workspace relay',
  'Microsoft 365',
  'Outlook.com',
  'Yahoo',
  'iCloud',
  'Fastmail',
  'GMX',
  'Zoho Mail',
])
const CHOICES = PRESETS.filter(({ name }) => OFFERED.has(name))

function Presets({ draft, onChange }: Pick<Props, 'draft' | 'onChange'>) {
  const chosen = CHOICES.find(({ host }) => host === draft.host)
  return (
    <NativeSelect
      label={t.routeForm.preset}
      description={chosen?.note ?? t.routeForm.presetHint}
      value={chosen?.name ?? ''}
      data={[{ value: '', label: t.routeForm.presetNone }, ...CHOICES.map(({ name }) => name)]}
      onChange={(event) => {
        const preset = CHOICES.find(({ name }) => name === event.currentTarget.value)
        const way = preset?.ports[0]
        if (preset && way) onChange({ ...draft, host: preset.host, port: way.port, security: way.security })
      }}
    />
  )
}

function Security({ value, onChange }: { value: RouteSecurity; onChange: (security: RouteSecurity) => void }) {
  const id = useId()
  return (
    <div className={styles.security}>
      <span id={id} className={styles.label}>
        {t.routeForm.security}
      </span>
      <SegmentedControl
        aria-labelledby={id}
        value={value}
        onChange={(next) => onChange(next as RouteSecurity)}
        data={[
          { value: 'starttls', label: t.routeForm.starttls },
          { value: 'tls', label: t.routeForm.tls },
          { value: 'none', label: t.routeForm.none },
        ]}
      />
      <span className={styles.hint}>{t.routeForm.securityHints[value]}</span>
    </div>
  )
}

interface AdvancedProps {
  readonly draft: RouteDraft
  readonly set: (change: Partial<RouteDraft>) => void
  readonly error: (pointer: string) => string | undefined
}

function Advanced({ draft, set, error }: AdvancedProps) {
  const isUsed = draft.helo_name !== '' || draft.certificate_fingerprint !== '' || draft.allow_private
  return (
    <details className={styles.advanced} open={isUsed || undefined}>
      <summary>{t.routeForm.advanced}</summary>
      <div className={styles.more}>
        <Switch
          label={t.routeForm.allowPrivate}
          description={t.routeForm.allowPrivateHint}
          checked={draft.allow_private}
          onChange={(event) => set({ allow_private: event.currentTarget.checked })}
        />
        <TextInput
          label={t.routeForm.helo}
          description={t.routeForm.heloHint}
          value={draft.helo_name}
          error={error('/settings/helo_name')}
          spellCheck={false}
          onChange={(event) => set({ helo_name: event.currentTarget.value })}
        />
        <FormRow half>
          <NumberInput
            label={t.routeForm.connections}
            value={draft.max_connections}
            error={error('/settings/max_connections')}
            min={1}
            max={100}
            allowDecimal={false}
            onChange={(value) => set({ max_connections: Number(value) || 1 })}
          />
          <NumberInput
            label={t.routeForm.perConnection}
            value={draft.max_messages_per_connection}
            error={error('/settings/max_messages_per_connection')}
            min={1}
            max={100_000}
            allowDecimal={false}
            onChange={(value) => set({ max_messages_per_connection: Number(value) || 1 })}
          />
        </FormRow>
        <TextInput
          label={t.routeForm.fingerprint}
          description={t.routeForm.fingerprintHint}
          value={draft.certificate_fingerprint}
          error={error('/settings/certificate_fingerprint')}
          spellCheck={false}
          onChange={(event) => set({ certificate_fingerprint: event.currentTarget.value })}
        />
      </div>
    </details>
  )
}
