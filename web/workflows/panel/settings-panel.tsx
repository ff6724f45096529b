import { NumberInput, Select, Textarea, TextInput } from '@mantine/core'
import {
  type Graph,
  REENTRIES,
  SUBJECTS,
  VAR_TYPES,
  type Variable,
  type VarType,
} from '../../../src/workflows/definition/graph.ts'
import { t } from '../../texts/texts.ts'
import { useDrawing } from '../edit/drawing.ts'
import formStyles from '../form/form.module.css'
import { Add, Drop } from '../form/nested.tsx'
import styles from '../workflows.module.css'

/** What holds for the workflow as a whole. */
export function SettingsPanel() {
  const { editor, act, because } = useDrawing()
  const { graph } = editor
  const says = t.workflows.settings
  const change = (said: Partial<Omit<Graph, 'nodes' | 'schema'>>) =>
    act({ kind: 'change', change: said, merge: Object.keys(said).join(' ') })
  const limit = (said: Partial<Graph['limits']>) => change({ limits: { ...graph.limits, ...said } })
  return (
    <fieldset className={styles.plain} disabled={because !== null}>
      <TextInput
        label={says.name}
        maxLength={120}
        value={graph.name}
        onChange={(event) => change({ name: event.currentTarget.value })}
      />
      <Textarea
        label={says.description}
        autosize
        minRows={2}
        maxLength={2_000}
        value={graph.description}
        onChange={(event) => change({ description: event.currentTarget.value })}
      />
      <Select
        label={says.subject}
        description={says.subjectHint}
        data={SUBJECTS.map((value) => ({ value, label: t.workflows.subjects[value] }))}
        value={graph.subject}
        allowDeselect={false}
        onChange={(subject) => subject && change({ subject: subject as Graph['subject'] })}
      />
      {graph.subject !== 'none' && (
        <>
          <Select
            label={says.reentry}
            data={REENTRIES.map((value) => ({ value, label: says.reentries[value] }))}
            value={graph.reentry}
            allowDeselect={false}
            onChange={(reentry) => reentry && change({ reentry: reentry as Graph['reentry'] })}
          />
          <NumberInput
            label={says.runsPerSubject}
            placeholder={says.runsPerSubjectNone}
            min={1}
            max={10_000}
            value={graph.limits.runsPerSubject ?? ''}
            onChange={(n) => limit({ runsPerSubject: typeof n === 'number' ? n : null })}
          />
        </>
      )}
      <NumberInput
        label={says.days}
        min={1}
        max={3_650}
        value={graph.limits.days}
        onChange={(n) => typeof n === 'number' && n > 0 && limit({ days: n })}
      />
      <NumberInput
        label={says.steps}
        min={1}
        max={10_000}
        value={graph.limits.steps}
        onChange={(n) => typeof n === 'number' && n > 0 && limit({ steps: n })}
      />
      {(['vars', 'inputs', 'outputs'] as const).map((which) => (
        <Variables key={which} which={which} list={graph[which]} onChange={(list) => change({ [which]: list })} />
      ))}
    </fieldset>
  )
}

interface VariablesProps {
  readonly which: 'vars' | 'inputs' | 'outputs'
  readonly list: readonly Variable[]
  readonly onChange: (list: Variable[]) => void
}

function Variables({ which, list, onChange }: VariablesProps) {
  const says = t.workflows.settings
  const put = (at: number, variable: Variable) => onChange(list.map((old, i) => (i === at ? variable : old)))
  const free = () => {
    const base = which.slice(0, -1)
    const taken = new Set(list.map((one) => one.key))
    for (let n = 1; ; n++) if (!taken.has(`${base}${n}`)) return `${base}${n}`
  }
  return (
    <fieldset className={formStyles.list}>
      <legend>{says[which]}</legend>
      <p className={styles.quiet}>{says[`${which}Hint`]}</p>
      {list.map((variable, at) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: the name is what is being typed
        <div key={at} className={formStyles.row}>
          <div className={formStyles.fields}>
            <div className={formStyles.pair}>
              <TextInput
                label={says.varKey}
                value={variable.key}
                maxLength={40}
                onChange={(event) =>
                  put(at, { ...variable, key: event.currentTarget.value.toLowerCase().replaceAll(/[^a-z0-9_]/g, '_') })
                }
              />
              <Select
                label={says.varType}
                data={VAR_TYPES.map((value) => ({ value, label: says.types[value] }))}
                value={variable.type}
                allowDeselect={false}
                onChange={(type) => type && put(at, { key: variable.key, type: type as VarType })}
              />
            </div>
            {which !== 'outputs' && <Default variable={variable} onChange={(said) => put(at, said)} />}
          </div>
          <Drop label={t.workflows.form.removeAt(at + 1)} onClick={() => onChange(list.filter((_, i) => i !== at))} />
        </div>
      ))}
      <Add label={t.workflows.form.addTo(says[which])} onClick={() => onChange([...list, { key: free(), type: 'text' }])} />
    </fieldset>
  )
}

function Default({ variable, onChange }: { variable: Variable; onChange: (variable: Variable) => void }) {
  const label = t.workflows.settings.varDefault
  const { default: value, ...rest } = variable
  if (variable.type === 'number')
    return (
      <NumberInput
        label={label}
        value={typeof value === 'number' ? value : ''}
        onChange={(n) => onChange(typeof n === 'number' ? { ...rest, default: n } : rest)}
      />
    )
  if (variable.type !== 'text' && variable.type !== 'date') return null
  return (
    <TextInput
      label={label}
      type={variable.type === 'date' ? 'date' : 'text'}
      value={typeof value === 'string' ? value : ''}
      onChange={({ currentTarget }) => onChange(currentTarget.value === '' ? rest : { ...rest, default: currentTarget.value })}
    />
  )
}
