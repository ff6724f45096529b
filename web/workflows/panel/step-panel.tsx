import { ActionIcon, Button, Select, Textarea, TextInput } from '@mantine/core'
import { Copy, Trash2, X } from 'lucide-react'
import { useEffect, useRef } from 'react'
import { typeOf } from '../../../src/workflows/definition/catalogue.ts'
import type { Json, Node } from '../../../src/workflows/definition/graph.ts'
import type { NodeType } from '../../../src/workflows/definition/node-type.ts'
import { t } from '../../texts/texts.ts'
import { toned } from '../../ui/tone.ts'
import { seed, useDrawing } from '../edit/drawing.ts'
import { drawnPorts, isTrigger, sentenceOf, titleOf } from '../edit/ports.ts'
import formStyles from '../form/form.module.css'
import { ObjectFields, RecordField, VariantField as VariantOf } from '../form/nested.tsx'
import { schemaOf } from '../form/schema.ts'
import styles from '../workflows.module.css'
import { AddressField } from './address-field.tsx'
import type { Asked } from './asked.ts'
import { RetryField } from './retry-field.tsx'

interface Props {
  readonly id: string
  /** Grows when a step is opened to be edited: then its first field takes the focus. */
  readonly asked: Asked
  readonly onClose: () => void
}

/** What a step is told: a form made of what its type says of its settings. */
export function StepPanel({ id, asked, onClose }: Props) {
  const { editor, names, problems, act, remove, because } = useDrawing()
  const node = editor.graph.nodes[id]
  const box = useRef<HTMLDivElement>(null)
  useEffect(() => {
    if (asked.times === 0) return
    const told = asked.field === null ? null : fieldIn(box.current, asked.field)
    if (told) return told.focus()
    // A list of choices would open by itself.
    const first = box.current?.querySelector<HTMLElement>(
      '[data-fields] :is(textarea, input:not([aria-haspopup], [type=checkbox]))',
    )
    const isOfConfig = first?.closest('[data-config]') !== null
    const to = isOfConfig ? first : box.current?.querySelector<HTMLElement>('h2')
    to?.focus()
  }, [asked])
  if (node === undefined) return null
  const type = typeOf(node.type)
  const sentence = sentenceOf(node, names)
  const says = t.workflows.step
  const mine = problems.filter((problem) => problem.node === id)
  const change = (said: Partial<Omit<Node, 'next'>>, merge: string) => act({ kind: 'change_node', id, change: said, merge })
  return (
    <div ref={box} className={styles.step}>
      <div className={styles.stepHead}>
        <div>
          <h2 tabIndex={-1}>{type?.title ?? says.unknown}</h2>
          {sentence !== type?.title && <p>{sentence}</p>}
          {type && <p className={styles.quiet}>{type.about}</p>}
        </div>
        <ActionIcon variant="subtle" aria-label={says.close} onClick={onClose}>
          <X size={15} aria-hidden />
        </ActionIcon>
      </div>
      {because && <p className={styles.quiet}>{because}</p>}
      {!type && <p className={styles.quiet}>{says.unknownHint}</p>}
      <fieldset className={styles.plain} disabled={because !== null} data-fields>
        {node.type === 'trigger.webhook@1' && <AddressField node={id} />}
        {type && (
          <div className={styles.plain} data-config>
            <Config type={type} node={node} id={id} onChange={(config) => change({ config }, pathOf(node.config, config))} />
          </div>
        )}
        {mine
          .filter((problem) => problem.field === null && !SAID_BY_WAYS.has(problem.code))
          .map((problem) => (
            <p key={problem.code} className={formStyles.error} {...toned(problem.severity === 'error' ? 'bad' : 'care')}>
              {problem.sentence} {problem.fix}
            </p>
          ))}
        <TextInput
          label={says.name}
          description={says.nameHint}
          maxLength={120}
          value={node.name ?? ''}
          onChange={(event) => change(withOr(node, 'name', event.currentTarget.value), 'name')}
        />
        <Ways id={id} />
        {type?.kind !== 'trigger' && drawnPorts(node).length > 0 && editor.graph.vars.length > 0 && (
          <>
            <RecordField
              schema={{ additionalProperties: { role: 'expression', type: 'string', maxLength: 2_000 } }}
              label={says.set}
              path="values"
              value={node.set ?? {}}
              isRequired={false}
              errorOf={(path) => mine.find((problem) => problem.field === path.replace(/^values/, 'set'))?.sentence}
              onChange={(set) => change({ set: set as Record<string, string> }, 'set')}
            />
            <p className={styles.quiet}>{says.setHint}</p>
          </>
        )}
        {drawnPorts(node).some((port) => port.isFailure) && (
          <RetryField value={node.retry} onChange={(retry) => change({ retry }, 'retry')} />
        )}
        <Textarea
          label={says.note}
          autosize
          minRows={2}
          maxLength={2_000}
          value={node.note ?? ''}
          onChange={(event) => change(withOr(node, 'note', event.currentTarget.value), 'note')}
        />
        <div className={formStyles.adds}>
          {type?.kind !== 'trigger' && (
            <Button
              size="compact-sm"
              variant="default"
              leftSection={<Copy size={13} aria-hidden />}
              onClick={() => act({ kind: 'duplicate', id, seed: seed() })}
            >
              {says.duplicate}
            </Button>
          )}
          <Button size="compact-sm" variant="default" leftSection={<Trash2 size={13} aria-hidden />} onClick={() => remove(id)}>
            {says.remove}
          </Button>
        </div>
        <p className={styles.quiet}>
          {says.id}: <code>{id}</code>
        </p>
      </fieldset>
    </div>
  )
}

/** Where a problem is: the field that it names, or the one around it. What hides it is opened. */
function fieldIn(box: HTMLElement | null, path: string): HTMLElement | null {
  for (let parts = path.split('.'); parts.length > 0; parts = parts.slice(0, -1)) {
    const found = box?.querySelector<HTMLElement>(`[data-field="${CSS.escape(parts.join('.'))}"]`)
    const to = found?.querySelector<HTMLElement>('textarea, input, button')
    if (!to) continue
    to.closest('details')?.setAttribute('open', '')
    return to
  }
  return null
}

function withOr(node: Node, key: 'name' | 'note', text: string): Partial<Omit<Node, 'next'>> {
  return text === '' ? { [key]: undefined } : { [key]: text, type: node.type }
}

interface ConfigProps {
  readonly type: NodeType
  readonly node: Node
  readonly id: string
  readonly onChange: (config: Record<string, Json>) => void
}

function Config({ type, node, id, onChange }: ConfigProps) {
  const { problems } = useDrawing()
  const schema = schemaOf(type)
  const errorOf = (path: string) =>
    problems.find((problem) => problem.node === id && problem.field === path && problem.severity === 'error')?.sentence
  const said = (config: Json) => onChange(config as Record<string, Json>)
  // A config that is one of several shapes is told by its first word.
  if (schema.properties === undefined) return <VariantConfig type={type} node={node} errorOf={errorOf} onChange={said} />
  const keys = Object.keys(schema.properties)
  const required = new Set(schema.required ?? [])
  const first = keys.filter((key) => required.has(key) || node.config[key] !== undefined || keys.length <= 5 || MAIN.has(key))
  const rest = keys.filter((key) => !first.includes(key))
  const shared = { schema, value: node.config, path: '', errorOf, onChange: said }
  return (
    <>
      <ObjectFields {...shared} keys={keys.filter((key) => first.includes(key))} />
      {rest.length > 0 && (
        <details className={styles.more}>
          <summary>{t.workflows.step.more}</summary>
          <div className={styles.plain}>
            <ObjectFields {...shared} keys={rest} />
          </div>
        </details>
      )}
    </>
  )
}

/** The list of ways says it already. */
const SAID_BY_WAYS: ReadonlySet<string> = new Set(['failure_unconnected', 'timeout_unconnected'])

/** Shown at once, whatever else a step has. */
const MAIN: ReadonlySet<string> = new Set([
  'to',
  'content',
  'text',
  'subject',
  'url',
  'method',
  'users',
  'team',
  'after',
  'status',
  'kind',
])

function VariantConfig({
  type,
  node,
  errorOf,
  onChange,
}: Omit<ConfigProps, 'id' | 'onChange'> & {
  readonly errorOf: (path: string) => string | undefined
  readonly onChange: (config: Json) => void
}) {
  return (
    <VariantOf
      schema={schemaOf(type)}
      label={type.title}
      path=""
      value={node.config}
      isRequired
      errorOf={errorOf}
      onChange={(said) => onChange(said ?? {})}
    />
  )
}

/** Where each way leads: to a step that is there, or nowhere. */
function Ways({ id }: { id: string }) {
  const { editor, act } = useDrawing()
  const { graph } = editor
  const node = graph.nodes[id]
  if (node === undefined) return null
  const ports = drawnPorts(node)
  const says = t.workflows.step
  const data = Object.entries(graph.nodes)
    .filter(([key]) => !isTrigger(graph, key))
    .map(([key, one]) => ({ value: key, label: titlesOnce(graph.nodes, key, one) }))
  return ports.map((port) => (
    <Select
      key={port.key}
      label={ports.length === 1 ? says.leadsToOnly : `${port.label || port.key}: ${says.leadsTo}`}
      data={data}
      value={node.next[port.key] ?? null}
      placeholder={port.isFailure ? says.held : says.nowhere}
      clearable
      searchable
      onChange={(to) => act({ kind: 'lead', at: { from: id, port: port.key }, to })}
    />
  ))
}

function titlesOnce(nodes: Readonly<Record<string, Node>>, id: string, node: Node): string {
  const title = titleOf(node)
  const isTwice = Object.values(nodes).some((other) => other !== node && titleOf(other) === title)
  return isTwice ? `${title} (${id})` : title
}

/** Which of the settings was typed into: letters into one field are one act. */
function pathOf(before: Readonly<Record<string, Json>>, after: Readonly<Record<string, Json>>): string {
  return Object.keys({ ...before, ...after }).find((key) => before[key] !== after[key]) ?? ''
}
