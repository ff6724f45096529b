import { Button, Select, Textarea } from '@mantine/core'
import { FlaskConical } from 'lucide-react'
import { t } from '../../texts/texts.ts'
import { ActButton } from '../../ui/act-button.tsx'
import { Note } from '../../ui/note.tsx'
import { useDrawing } from '../edit/drawing.ts'
import { sentenceOf, triggersOf } from '../edit/ports.ts'
import { ValueFields, valuesOf } from '../runs/values.tsx'
import styles from '../workflows.module.css'
import { ContactChoice, ConversationChoice } from './subject-choice.tsx'
import trialStyles from './trial.module.css'
import { TrialResult } from './trial-result.tsx'
import { bringsPayload, needsSubject, payloadOf } from './use-trial.ts'

/** What the draft would do with something real: nothing of it happens. */
export function TryPanel() {
  const { editor, trial, because } = useDrawing()
  const { wish, told, error, isOld, isPending, run, clear } = trial
  const says = t.trial
  return (
    <section className={styles.plain} aria-label={says.title}>
      <h2 className={trialStyles.title}>{says.title}</h2>
      <p className={styles.quiet}>{says.lead}</p>
      <With />
      <div className={trialStyles.acts}>
        <ActButton
          size="compact-md"
          because={because ?? wrongIn(trial, editor.graph)}
          leftSection={<FlaskConical size={14} aria-hidden />}
          loading={isPending}
          onClick={() => run()}
        >
          {told ? says.again : says.act}
        </ActButton>
        {told && (
          <Button size="compact-md" variant="default" onClick={clear}>
            {says.clear}
          </Button>
        )}
      </div>
      {error && (
        <Note tone="bad" alert>
          {error}
        </Note>
      )}
      {isOld && <Note tone="care">{says.changed}</Note>}
      {told && <TrialResult {...told} ways={wish.ways} />}
    </section>
  )
}

type Drawing = ReturnType<typeof useDrawing>

function wrongIn({ wish, trigger }: Drawing['trial'], graph: Drawing['editor']['graph']): string | null {
  if (trigger === null) return t.workflows.flow.emptyHint
  if (needsSubject(graph, trigger) && wish.subject === null) return t.trial.whom
  if (bringsPayload(graph, trigger) && payloadOf(wish.payload) === null) return t.trial.payloadWrong
  const { wrong } = valuesOf(graph.inputs, wish.inputs)
  return wrong.length > 0 ? t.trial.inputsWrong(wrong.join(', ')) : null
}

/** The trigger, what it happened to, and what came along. */
function With() {
  const { editor, names, trial } = useDrawing()
  const { graph } = editor
  const { wish, setWish, trigger } = trial
  const triggers = triggersOf(graph)
  const says = t.trial
  const chosen = { value: wish.subject, onChange: (subject: typeof wish.subject) => setWish({ subject, ways: {} }) }
  const isPayloadWrong = payloadOf(wish.payload) === null
  return (
    <>
      {triggers.length > 1 && (
        <Select
          label={says.trigger}
          data={triggers.map((id) => ({ value: id, label: sentenceOf(graph.nodes[id] as (typeof graph.nodes)[string], names) }))}
          value={trigger}
          allowDeselect={false}
          onChange={(next) => setWish({ trigger: next, ways: {} })}
        />
      )}
      {graph.subject === 'contact' ? (
        <ContactChoice key="contact" {...chosen} />
      ) : (
        needsSubject(graph, trigger) && <ConversationChoice key="conversation" {...chosen} />
      )}
      {bringsPayload(graph, trigger) && (
        <Textarea
          label={says.payload}
          autosize
          minRows={2}
          maxRows={10}
          value={wish.payload}
          error={isPayloadWrong ? says.payloadWrong : undefined}
          onChange={(event) => setWish({ payload: event.currentTarget.value })}
        />
      )}
      {graph.inputs.length > 0 && (
        <ValueFields
          wanted={graph.inputs}
          written={wish.inputs}
          set={(key, value) => setWish({ inputs: { ...wish.inputs, [key]: value } })}
          errorOf={() => undefined}
        />
      )}
    </>
  )
}
