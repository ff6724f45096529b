import { SegmentedControl, Textarea, TextInput } from '@mantine/core'
import { keepPreviousData, useQuery } from '@tanstack/react-query'
import { Link, useParams } from '@tanstack/react-router'
import { ArrowLeft } from 'lucide-react'
import { useRef, useState } from 'react'
import type { ContentPreview } from '../../src/api/endpoints/content.ts'
import { changeTemplate, getTemplate, listTemplates, previewTemplate, type Template } from '../../src/api/endpoints/templates.ts'
import type { ContactId, Id } from '../../src/lib/ids.ts'
import { CONTENT_FORMATS } from '../../src/templates/content.ts'
import { slotsIn } from '../../src/templates/slots.ts'
import { call, type Problem } from '../api.ts'
import { BodyEditor } from '../content/body-editor.tsx'
import content from '../content/content.module.css'
import { FieldsForm } from '../content/fields-form.tsx'
import { inFormat } from '../content/formats.ts'
import { InsertImage } from '../content/images/insert-image.tsx'
import { InsertMenu, InsertProvider } from '../content/insert.tsx'
import { Preview } from '../content/preview.tsx'
import { ProblemList } from '../content/problem-list.tsx'
import { useLate } from '../content/use-late.ts'
import { useMe, whyNot } from '../me.ts'
import { Conflict } from '../parts/saving.tsx'
import { useEdited } from '../parts/use-edited.ts'
import { useAction, useEndpoint } from '../query.ts'
import { t } from '../texts/texts.ts'
import { ActButton } from '../ui/act-button.tsx'
import { Loadable } from '../ui/loadable.tsx'
import { Note } from '../ui/note.tsx'
import { Page } from '../ui/page.tsx'
import { toast } from '../ui/toasts.tsx'
import { TemplateActs } from './template-acts.tsx'
import styles from './templates.module.css'

export function TemplatePage() {
  const { id } = useParams({ from: '/shell/templates/$id' })
  const query = useEndpoint(getTemplate, { id: id as Id<'template'> })
  return (
    <Loadable query={query}>
      {(template) => (
        <InsertProvider>
          <Editor key={template.id} template={template} />
        </InsertProvider>
      )}
    </Loadable>
  )
}

type Said = Pick<Template, 'name' | 'description' | 'format' | 'body' | 'blocks' | 'fields'>

const TEMPLATE = {
  draftOf: ({ name, description, format, body, blocks, fields }: Template): Said => ({
    ...{ name, description, format, body, blocks, fields },
  }),
  versionOf: ({ version }: Template) => version,
}

function Editor({ template }: { template: Template }) {
  const says = t.content.templates
  const because = whyNot(useMe(), 'campaigns.manage')
  const { draft: said, version, isChanged, isBehind, set: change, saved, settle } = useEdited(TEMPLATE, template)
  const [reader, setReader] = useState<ContactId | null>(null)
  const save = useAction(changeTemplate, {
    quiet: true,
    changes: [getTemplate, listTemplates],
    onDone: () => toast('good', says.saved),
  })
  const { preview, isUpdating, error } = useTemplatePreview(said, reader)
  return (
    <Page
      title={said.name || says.title}
      lead={
        <Link to="/templates" search={{}}>
          <ArrowLeft size={13} aria-hidden /> {says.back}
        </Link>
      }
      acts={
        <>
          {isChanged && <span className={styles.quiet}>{says.unsaved}</span>}
          <TemplateActs template={template} because={because} />
          <ActButton
            size="sm"
            because={because}
            loading={save.isPending}
            onClick={() =>
              save.mutate(
                { params: { id: template.id }, body: { ...said, version } },
                { onSuccess: (reply) => saved(said, reply) },
              )
            }
          >
            {says.save}
          </ActButton>
        </>
      }
    >
      {isBehind && <Conflict says={says.conflict} settle={settle} />}
      {save.error && !isBehind && (
        <Note tone="bad" alert>
          {save.error.message}
        </Note>
      )}
      <div className={content.editor}>
        <div className={content.columns}>
          <div className={content.writing}>
            <TextInput
              label={says.name}
              maxLength={200}
              value={said.name}
              onChange={(event) => change({ name: event.currentTarget.value })}
            />
            <Textarea
              autosize
              minRows={1}
              maxRows={4}
              label={says.description}
              maxLength={1_000}
              value={said.description}
              onChange={(event) => change({ description: event.currentTarget.value.replace(/\n/g, ' ') })}
            />
            <Way said={said} onChange={change} />
            <BodyEditor
              isTemplate
              content={said}
              problems={preview?.problems ?? []}
              onChange={({ blocks, ...rest }) => change({ ...rest, ...(blocks !== undefined && { blocks }) })}
            />
            <ProblemList problems={preview?.problems ?? []} />
            <Slots said={said} />
            <details className={content.fold} open={said.fields.length > 0}>
              <summary>{t.content.fields.title}</summary>
              <FieldsForm fields={said.fields} used={preview?.paths ?? []} onChange={(fields) => change({ fields })} />
            </details>
          </div>
          <div className={content.reading}>
            <Preview bare preview={preview} isUpdating={isUpdating} error={error} reader={reader} onReader={setReader} />
          </div>
        </div>
      </div>
    </Page>
  )
}

const PAUSE_MS = 450

function useTemplatePreview({ format, body, blocks, fields }: Said, reader: ContactId | null) {
  const key = JSON.stringify({ format, body, blocks, fields })
  const late = useLate(key, PAUSE_MS)
  const query = useQuery<ContentPreview, Problem>({
    queryKey: [previewTemplate.path, late, reader],
    queryFn: ({ signal }) => call(previewTemplate, { body: { ...JSON.parse(late), contact_id: reader } }, signal),
    placeholderData: keepPreviousData,
    gcTime: 5_000,
    staleTime: 60_000,
  })
  return { preview: query.data ?? null, isUpdating: query.isFetching || late !== key, error: query.error?.message ?? null }
}

function Way({ said, onChange }: { said: Said; onChange: (said: Partial<Said>) => void }) {
  const kept = useRef(new Map())
  function setFormat(format: Said['format']) {
    const as = { ...said, subject: '', text: null, to_name: '', template: null }
    kept.current.set(said.format, as)
    const { body, blocks } = inFormat(as, format, kept.current)
    onChange({ format, body, blocks: blocks ?? null })
  }
  return (
    <div className={content.way}>
      <div className={content.formats}>
        <SegmentedControl
          size="xs"
          aria-label={t.content.format}
          value={said.format}
          data={CONTENT_FORMATS.map((value) => ({ value, label: t.content.formats[value] }))}
          onChange={(next) => setFormat(next as Said['format'])}
        />
        <span className={content.quiet}>{t.content.formatHints[said.format]}</span>
      </div>
      <div className={content.tools}>
        <InsertImage format={said.format} />
        <InsertMenu />
      </div>
    </div>
  )
}

function Slots({ said }: { said: Said }) {
  const says = t.content.templates
  const slots = slotsIn(said)
  return (
    <section aria-label={says.slotList}>
      <p className={content.label}>{says.slotList}</p>
      {slots.length === 0 ? (
        <p className={content.quiet}>{says.noSlots}</p>
      ) : (
        <p>
          {slots.map(({ name, kind }) => (
            <code key={name} className={styles.slot} title={t.content.slotKinds[kind]}>
              {name}
            </code>
          ))}
        </p>
      )}
      {said.format !== 'blocks' && <p className={content.quiet}>{says.syntax}</p>}
    </section>
  )
}
