import { NumberInput, PasswordInput, Switch, Textarea, TextInput } from '@mantine/core'
import { t } from '../texts/texts.ts'
import { errorsFor, type Refused } from '../ui/field-errors.ts'
import styles from './route-form.module.css'
import { FIELDS, type FormKind, pointersOf, type SettingsDraft } from './route-settings.ts'

interface Props {
  readonly kind: FormKind
  readonly draft: SettingsDraft
  readonly onChange: (draft: SettingsDraft) => void
  readonly refused: Refused | null
  readonly hasSecret?: boolean
}

/** The fields of a route that is no mail server, as its kind has them. */
export function SettingsFields({ kind, draft, onChange, refused, hasSecret = false }: Props) {
  const errors = errorsFor(refused, pointersOf(kind))
  const set = (key: string, value: string | number | boolean) => onChange({ ...draft, values: { ...draft.values, [key]: value } })
  const inputOf = (field: (typeof FIELDS)[FormKind][number]) => (
    <SettingsField
      key={field.key}
      kind={kind}
      field={field}
      value={draft.values[field.key] ?? null}
      error={errors.of(`/settings/${field.key}`)}
      hasSecret={hasSecret}
      onChange={(value) => set(field.key, value)}
    />
  )
  const extra = FIELDS[kind].filter(({ isExtra }) => isExtra)
  const isUsed = extra.some(({ key, start }) => draft.values[key] !== start || errors.of(`/settings/${key}`))
  return (
    <>
      <TextInput
        label={t.routeForm.name}
        description={t.routeForm.nameHint}
        placeholder={t.routeKinds[kind].name}
        value={draft.name}
        error={errors.of('/name')}
        maxLength={100}
        onChange={(event) => onChange({ ...draft, name: event.currentTarget.value })}
      />
      {FIELDS[kind].filter(({ isExtra }) => !isExtra).map(inputOf)}
      <details className={styles.advanced} open={isUsed || undefined}>
        <summary>{t.routeForm.advanced}</summary>
        <div className={styles.more}>{extra.map(inputOf)}</div>
      </details>
    </>
  )
}

interface FieldProps {
  readonly kind: FormKind
  readonly field: (typeof FIELDS)[FormKind][number]
  readonly value: string | number | boolean | null
  readonly error: string | undefined
  readonly hasSecret: boolean
  readonly onChange: (value: string | number | boolean) => void
}

function SettingsField({ kind, field, value, error, hasSecret, onChange }: FieldProps) {
  const words = t.routeSettings[kind][field.key]
  const common = { label: words?.label ?? field.key, description: words?.hint, error, required: field.isNeeded ?? false }
  switch (field.as) {
    case 'switch':
      return (
        <Switch
          label={common.label}
          description={common.description}
          checked={value === true}
          onChange={(event) => onChange(event.currentTarget.checked)}
        />
      )
    case 'number':
      return (
        <NumberInput
          {...common}
          value={Number(value)}
          min={1}
          max={field.max ?? 100}
          allowDecimal={false}
          onChange={(next) => onChange(Number(next) || 1)}
        />
      )
    case 'secret':
      return (
        <PasswordInput
          {...common}
          required={!hasSecret}
          placeholder={hasSecret && value === null ? t.routeForm.passwordKept : ''}
          value={String(value ?? '')}
          autoComplete="new-password"
          visibilityToggleButtonProps={{ 'aria-label': t.fields.showPassword }}
          onChange={(event) => onChange(event.currentTarget.value)}
        />
      )
    case 'lines':
      return (
        <Textarea
          {...common}
          rows={2}
          spellCheck={false}
          value={String(value ?? '')}
          onChange={(event) => onChange(event.currentTarget.value)}
        />
      )
    case 'text':
      return (
        <TextInput
          {...common}
          placeholder={field.example}
          value={String(value ?? '')}
          autoComplete="off"
          spellCheck={false}
          onChange={(event) => onChange(event.currentTarget.value)}
        />
      )
  }
}
