import { ActionIcon, Button, MultiSelect, NumberInput, TagsInput } from '@mantine/core'
import { Plus, X } from 'lucide-react'
import { type ReactNode, useState } from 'react'
import { listDomains } from '../../src/api/endpoints/domains.ts'
import { Stream } from '../../src/api/endpoints/shapes.ts'
import { receiverChoices } from '../parts/receiver-name.ts'
import { useEndpoint } from '../query.ts'
import { t } from '../texts/texts.ts'
import { FormRow } from '../ui/form.tsx'
import { type Conditions, mailOf } from './rule-words.ts'
import styles from './rules.module.css'

interface Props {
  readonly conditions: Conditions
  readonly onChange: (conditions: Conditions) => void
}

const KINDS = ['receivers', 'from_domains', 'streams', 'recipient_domains', 'tags', 'size'] as const
type Kind = (typeof KINDS)[number]
const KB = 1024

/** One picker for each condition that is wanted; the others wait as buttons. */
export function ConditionFields({ conditions, onChange }: Props) {
  const [opened, setOpened] = useState<readonly Kind[]>(() => KINDS.filter((kind) => isSet(kind, conditions)))
  const [latest, setLatest] = useState<Kind | null>(null)
  const closed = KINDS.filter((kind) => !opened.includes(kind))
  const open = (kind: Kind) => {
    setOpened([...opened, kind])
    setLatest(kind)
  }
  const drop = (kind: Kind) => {
    setOpened(opened.filter((each) => each !== kind))
    onChange(without(kind, conditions))
  }
  return (
    <fieldset className={styles.part}>
      <legend>{t.ruleForm.which}</legend>
      <p className={styles.quiet}>{opened.length === 0 ? t.ruleForm.everything : t.ruleForm.whichHint}</p>
      {opened.map((kind) => (
        <Row key={kind} name={t.ruleForm.conditions[kind]} onDrop={() => drop(kind)}>
          <Picker kind={kind} conditions={conditions} hasFocus={latest === kind} onChange={onChange} />
        </Row>
      ))}
      {closed.length > 0 && (
        // biome-ignore lint/a11y/useSemanticElements: a fieldset within the fieldset would be one frame too many
        <div className={styles.chips} role="group" aria-label={t.ruleForm.addCondition}>
          {closed.map((kind) => (
            <Button
              key={kind}
              size="compact-sm"
              variant="default"
              leftSection={<Plus size={13} aria-hidden />}
              onClick={() => open(kind)}
            >
              {t.ruleForm.conditions[kind]}
            </Button>
          ))}
        </div>
      )}
      <p className={styles.said} aria-live="polite">
        {mailOf({ conditions })}
      </p>
    </fieldset>
  )
}

function Row({ name, onDrop, children }: { name: string; onDrop: () => void; children: ReactNode }) {
  return (
    <div className={styles.field}>
      <div>{children}</div>
      <ActionIcon variant="subtle" aria-label={t.ruleForm.drop(name)} onClick={onDrop}>
        <X size={15} aria-hidden />
      </ActionIcon>
    </div>
  )
}

function Picker({ kind, conditions, hasFocus, onChange }: Props & { kind: Kind; hasFocus: boolean }) {
  const domains = useEndpoint(listDomains, {}, { enabled: kind === 'from_domains' }).data?.items ?? []
  const common = {
    label: t.ruleForm.conditions[kind],
    // Whoever adds a condition wants to fill it in next.
    autoFocus: hasFocus,
  }
  switch (kind) {
    case 'streams':
      return (
        <MultiSelect
          {...common}
          data={Stream.options.map((value) => ({ value, label: t.streams[value] }))}
          value={conditions.streams ?? []}
          onChange={(streams) => onChange({ ...conditions, streams: streams as Stream[] })}
        />
      )
    case 'receivers':
      return (
        <MultiSelect
          {...common}
          description={t.ruleForm.hints.receivers}
          searchable
          data={receiverChoices(conditions.receivers)}
          value={conditions.receivers ?? []}
          onChange={(receivers) => onChange({ ...conditions, receivers })}
        />
      )
    case 'size':
      return (
        <FormRow half>
          <SizeField
            label={t.ruleForm.minSize}
            autoFocus={hasFocus}
            size={conditions.min_bytes}
            onChange={(size) => onChange(withSize('min_bytes', size, conditions))}
          />
          <SizeField
            label={t.ruleForm.maxSize}
            autoFocus={false}
            size={conditions.max_bytes}
            onChange={(size) => onChange(withSize('max_bytes', size, conditions))}
          />
        </FormRow>
      )
    case 'tags':
    case 'from_domains':
    case 'recipient_domains':
      return (
        <TagsInput
          {...common}
          description={t.ruleForm.hints[kind]}
          data={domains.map(({ name }) => name)}
          maxTags={100}
          value={conditions[kind] ?? []}
          onChange={(values) =>
            onChange({ ...conditions, [kind]: kind === 'tags' ? values : values.map((value) => value.trim().toLowerCase()) })
          }
        />
      )
  }
}

interface SizeProps {
  readonly label: string
  readonly autoFocus: boolean
  readonly size: number | undefined
  readonly onChange: (size: number | undefined) => void
}

function SizeField({ label, autoFocus, size, onChange }: SizeProps) {
  return (
    <NumberInput
      label={label}
      autoFocus={autoFocus}
      value={size === undefined ? '' : Math.round((size / KB) * 100) / 100}
      min={1}
      max={900_000}
      decimalScale={2}
      onChange={(value) => onChange(typeof value === 'number' && value > 0 ? Math.round(value * KB) : undefined)}
    />
  )
}

function withSize(which: 'min_bytes' | 'max_bytes', size: number | undefined, conditions: Conditions): Conditions {
  const { [which]: _, ...rest } = conditions
  return size === undefined ? rest : { ...rest, [which]: size }
}

function isSet(kind: Kind, conditions: Conditions): boolean {
  return kind === 'size'
    ? conditions.min_bytes !== undefined || conditions.max_bytes !== undefined
    : (conditions[kind]?.length ?? 0) > 0
}

function without(kind: Kind, conditions: Conditions): Conditions {
  if (kind === 'size') return withSize('min_bytes', undefined, withSize('max_bytes', undefined, conditions))
  const { [kind]: _, ...rest } = conditions
  return rest
}
