import { ActionIcon, Button, Select, TextInput } from '@mantine/core'
import { Plus, Trash2 } from 'lucide-react'
import type { Json } from '../../../src/workflows/definition/graph.ts'
import { t } from '../../texts/texts.ts'
import { useDrawing } from '../edit/drawing.ts'
import { Field, type FieldProps, isReference } from './field.tsx'
import styles from './form.module.css'
import { blank, choicesOf, type Schema, tagOf, variantOf } from './schema.ts'
import { choiceLabel, hintOf } from './words.ts'

interface ObjectProps {
  readonly schema: Schema
  readonly value: Readonly<Record<string, Json>>
  readonly path: string
  readonly errorOf: (path: string) => string | undefined
  readonly onChange: (value: Json) => void
  /** These only, where only some are wanted. */
  readonly keys?: readonly string[]
}

export function within(path: string, key: string): string {
  return path === '' ? key : `${path}.${key}`
}

/** The fields of an object, one below the other. Kinds that this workspace has no list of are left out while they are empty. */
export function ObjectFields({ schema, value, path, errorOf, onChange, keys }: ObjectProps) {
  const { references, editor } = useDrawing()
  const { properties = {}, required = [] } = schema
  const type = editor.graph.nodes[editor.selected ?? '']?.type
  const shown = (keys ?? Object.keys(properties)).filter((key) => {
    const role = properties[key]?.role
    if (value[key] !== undefined || required.includes(key)) return true
    return (!isReference(role) || references[role] !== undefined) && isAskedFor(key, value)
  })
  const set = (key: string, said: Json | undefined) => {
    const { [key]: _, ...rest } = value
    onChange(said === undefined ? rest : { ...value, [key]: said })
  }
  return shown.map((key) => (
    <div key={key} className={styles.at} data-field={within(path, key)}>
      <Field
        schema={properties[key] as Schema}
        label={properties[key]?.title ?? key}
        path={within(path, key)}
        value={value[key]}
        isRequired={required.includes(key)}
        hint={hintOf(type, key)}
        errorOf={errorOf}
        onChange={(said) => set(key, said)}
      />
    </div>
  ))
}

/** What only another field gives a meaning to is not there before. */
function isAskedFor(key: string, { per, of, secret }: Readonly<Record<string, Json>>): boolean {
  if (key === 'value') return per === undefined && of === undefined ? true : per === 'value' || of === 'value'
  return key !== 'secret_header' || secret !== undefined
}

/** One of several shapes: which one, and then its fields. */
export function VariantField({ schema, label, path, value, isRequired, hint, errorOf, onChange }: FieldProps) {
  const choices = choicesOf(schema)
  const shown = value ?? schema.default
  const chosen = variantOf(schema, shown)
  const nameOf = (one: Schema) => {
    const tag = tagOf(one.properties ?? {})
    return tag === null ? '' : (one.properties?.[tag]?.const ?? '')
  }
  const labelOf = (one: Schema) => choiceLabel(tagOf(one.properties ?? {}) ?? '', nameOf(one))
  return (
    <div className={styles.nested}>
      <Select
        label={label}
        description={hint}
        data={choices.map((one) => ({ value: nameOf(one), label: labelOf(one) }))}
        value={chosen ? nameOf(chosen) : null}
        placeholder={t.workflows.form.none}
        allowDeselect={false}
        clearable={!isRequired && schema.default === undefined}
        error={errorOf(path)}
        onChange={(name) => {
          const to = choices.find((one) => nameOf(one) === name)
          onChange(to === undefined ? undefined : blank(to))
        }}
      />
      {chosen && (
        <ObjectFields schema={chosen} value={shown as Record<string, Json>} path={path} errorOf={errorOf} onChange={onChange} />
      )}
    </div>
  )
}

/** Several of a kind, each with its own fields. */
export function ListField({ schema, label, path, value, isRequired, hint, errorOf, onChange }: FieldProps) {
  const items = schema.items ?? {}
  const list = (Array.isArray(value) ? value : []) as Json[]
  const told = (next: readonly Json[]) => onChange(next.length === 0 && !isRequired ? undefined : [...next])
  const says = t.workflows.form
  return (
    <fieldset className={styles.list}>
      <legend>{label}</legend>
      {hint && <p className={styles.hint}>{hint}</p>}
      {errorOf(path) && <p className={styles.error}>{errorOf(path)}</p>}
      {list.map((one, at) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: rows have no name of their own, and stay in their order
        <div key={at} className={styles.row}>
          <div className={styles.fields}>
            <Field
              schema={items}
              label={items.title ?? `${label} ${at + 1}`}
              path={within(path, String(at))}
              value={one}
              isRequired
              errorOf={errorOf}
              onChange={(said) => told(list.map((old, i) => (i === at ? (said ?? null) : old)))}
            />
          </div>
          <Drop label={says.removeAt(at + 1)} onClick={() => told(list.filter((_, i) => i !== at))} />
        </div>
      ))}
      <Add label={says.addTo(label)} onClick={() => told([...list, withKey(blank(items), items, list)])} />
    </fieldset>
  )
}

/** A name of its own for whatever needs one: a, b, c … */
function withKey(made: Json, items: Schema, list: readonly Json[]): Json {
  const key = ['key', 'port'].find((one) => items.required?.includes(one))
  if (key === undefined || typeof made !== 'object' || made === null || Array.isArray(made)) return made
  const taken = new Set(list.map((one) => (one as Record<string, Json>)[key]))
  const letters = 'abcdefghijklmnopqrstuvwxyz'
  const free = [...letters].find((letter) => !taken.has(letter)) ?? `x${list.length}`
  const title = free.toUpperCase()
  return { ...made, [key]: free, ...(items.required?.includes('label') && { label: title }) }
}

/** Name → value: variables and what they become, headers. */
export function RecordField({ schema, label, path, value, hint, errorOf, onChange }: FieldProps) {
  const { editor } = useDrawing()
  const says = t.workflows.form
  const entries = Object.entries((value ?? {}) as Record<string, Json>)
  const of = typeof schema.additionalProperties === 'object' ? schema.additionalProperties : {}
  const known =
    path === 'values'
      ? editor.graph.vars.map((one) => one.key)
      : path === 'outputs'
        ? editor.graph.outputs.map((one) => one.key)
        : null
  const told = (next: readonly (readonly [string, Json])[]) => onChange(Object.fromEntries(next))
  const put = (at: number, entry: readonly [string, Json]) => told(entries.map((old, i) => (i === at ? entry : old)))
  const free =
    known?.find((key) => !entries.some(([one]) => one === key)) ?? (path === 'headers' ? 'X-Name' : `name${entries.length + 1}`)
  return (
    <fieldset className={styles.list}>
      <legend>{label}</legend>
      {hint && <p className={styles.hint}>{hint}</p>}
      {entries.map(([key, said], at) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: the name is what is being typed
        <div key={at} className={styles.row}>
          <div className={styles.fields}>
            {known && known.length > 0 ? (
              <Select
                label={says.key}
                data={[...new Set([...known, key])]}
                value={key}
                allowDeselect={false}
                onChange={(name) => name && put(at, [name, said])}
              />
            ) : (
              <TextInput label={says.key} value={key} onChange={(event) => put(at, [event.currentTarget.value, said])} />
            )}
            <Field
              schema={of}
              label={says.value}
              path={within(path, key)}
              value={said}
              isRequired
              errorOf={errorOf}
              onChange={(next) => put(at, [key, next ?? ''])}
            />
          </div>
          <Drop label={says.removeAt(at + 1)} onClick={() => told(entries.filter((_, i) => i !== at))} />
        </div>
      ))}
      <Add label={says.addTo(label)} onClick={() => told([...entries, [free, '']])} />
    </fieldset>
  )
}

export function Add({ label, onClick }: { label: string; onClick: () => void }) {
  return (
    <Button size="compact-sm" variant="default" leftSection={<Plus size={13} aria-hidden />} onClick={onClick}>
      {label}
    </Button>
  )
}

export function Drop({ label, onClick }: { label: string; onClick: () => void }) {
  return (
    <ActionIcon variant="subtle" size="md" aria-label={label} title={label} onClick={onClick}>
      <Trash2 size={14} aria-hidden />
    </ActionIcon>
  )
}
