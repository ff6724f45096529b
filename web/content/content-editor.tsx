import { Button, SegmentedControl, Textarea, TextInput } from '@mantine/core'
import { LayoutTemplate } from 'lucide-react'
import { useRef, useState } from 'react'
import type { CampaignContent } from '../../src/api/endpoints/content-shapes.ts'
import { getTemplate, type Template } from '../../src/api/endpoints/templates.ts'
import type { CampaignId } from '../../src/campaigns/campaign.ts'
import type { ContactId } from '../../src/lib/ids.ts'
import { CONTENT_FORMATS } from '../../src/templates/content.ts'
import { useEndpoint } from '../query.ts'
import { t } from '../texts/texts.ts'
import { BodyEditor } from './body-editor.tsx'
import styles from './content.module.css'
import { FieldsForm } from './fields-form.tsx'
import { inFormat } from './formats.ts'
import { InsertImage } from './images/insert-image.tsx'
import { InsertMenu, InsertProvider, insertInto, useTakesInserts } from './insert.tsx'
import { Preview } from './preview.tsx'
import { ProblemList } from './problem-list.tsx'
import { ChooseTemplate, SlotFields } from './template-use.tsx'
import { usePreview } from './use-preview.ts'

interface Props {
  readonly content: CampaignContent
  readonly onChange: (content: CampaignContent) => void
  readonly campaignId?: CampaignId
  /** What `campaign.name` is. */
  readonly campaignName?: string
}

/** What a campaign says, with the mail beside it as a chosen person would read it. */
export function ContentEditor(props: Props) {
  return (
    <InsertProvider>
      <Editor {...props} />
    </InsertProvider>
  )
}

function Editor({ content, onChange, campaignId, campaignName = '' }: Props) {
  const [reader, setReader] = useState<ContactId | null>(null)
  const { preview, isUpdating, error } = usePreview(content, reader, { name: campaignName, id: campaignId })
  const change = (changed: Partial<CampaignContent>) => onChange({ ...content, ...changed })
  const problems = preview?.problems ?? []
  return (
    <div className={styles.editor}>
      <div className={styles.columns}>
        <div className={styles.writing}>
          <Lines content={content} onChange={change} />
          <Way content={content} onChange={onChange} />
          {content.template ? (
            <SlotFields use={content.template} onChange={(template) => change({ template })} />
          ) : (
            <BodyEditor content={content} problems={problems} onChange={change} />
          )}
          <ProblemList problems={problems} />
          <details className={styles.fold} open={content.fields.length > 0}>
            <summary>{t.content.fields.title}</summary>
            <FieldsForm fields={content.fields} used={preview?.paths ?? []} onChange={(fields) => change({ fields })} />
          </details>
          <PlainPart content={content} made={preview?.texts?.text ?? ''} onChange={change} />
          <details className={styles.fold}>
            <summary>{t.content.toName}</summary>
            <TextInput
              size="sm"
              aria-label={t.content.toName}
              description={t.content.toNameHint}
              maxLength={998}
              value={content.to_name}
              onChange={(event) => change({ to_name: event.currentTarget.value })}
            />
          </details>
        </div>
        <div className={styles.reading}>
          <Preview
            preview={preview}
            isUpdating={isUpdating}
            error={error}
            reader={reader}
            onReader={setReader}
            preheader={content.preheader ?? ''}
          />
        </div>
      </div>
    </div>
  )
}

/** Subject and what stands behind it. */
function Lines({ content, onChange }: { content: CampaignContent; onChange: (changed: Partial<CampaignContent>) => void }) {
  const takes = useTakesInserts()
  const { subject, preheader = '' } = content
  return (
    <>
      <TextInput
        label={t.content.subject}
        description={t.content.subjectHint(subject.length)}
        maxLength={998}
        value={subject}
        onFocus={({ currentTarget }) => takes((text) => insertInto(currentTarget, text))}
        onChange={(event) => onChange({ subject: event.currentTarget.value })}
      />
      <TextInput
        label={t.content.preheader}
        description={t.content.preheaderHint}
        maxLength={500}
        value={preheader}
        onFocus={({ currentTarget }) => takes((text) => insertInto(currentTarget, text))}
        onChange={(event) => onChange({ preheader: event.currentTarget.value })}
      />
    </>
  )
}

/** In which way it is written, or with which template; and what can be put in. */
function Way({ content, onChange }: { content: CampaignContent; onChange: (content: CampaignContent) => void }) {
  const kept = useRef(new Map<CampaignContent['format'], CampaignContent>())
  const [isChoosing, setIsChoosing] = useState(false)
  function setFormat(format: CampaignContent['format']) {
    kept.current.set(content.format, content)
    onChange(inFormat(content, format, kept.current))
  }
  function copy({ format, body, blocks, fields }: Template) {
    setIsChoosing(false)
    kept.current.set(content.format, content)
    onChange({ ...content, template: null, format, body, blocks, fields: content.fields.length > 0 ? content.fields : fields })
  }
  return (
    <div className={styles.way}>
      {content.template ? (
        <TemplateLine
          id={content.template.id}
          onChange={() => setIsChoosing(true)}
          onLeave={() => onChange({ ...content, template: null })}
        />
      ) : (
        <div className={styles.formats}>
          <SegmentedControl
            size="xs"
            aria-label={t.content.format}
            value={content.format}
            data={CONTENT_FORMATS.map((value) => ({ value, label: t.content.formats[value] }))}
            onChange={(next) => setFormat(next as CampaignContent['format'])}
          />
          <span className={styles.quiet}>{t.content.formatHints[content.format]}</span>
        </div>
      )}
      <div className={styles.tools}>
        {!content.template && (
          <Button
            size="xs"
            variant="default"
            leftSection={<LayoutTemplate size={13} aria-hidden />}
            onClick={() => setIsChoosing(true)}
          >
            {t.content.useTemplate}
          </Button>
        )}
        <InsertImage format={content.format} />
        <InsertMenu />
      </div>
      {isChoosing && (
        <ChooseTemplate
          onClose={() => setIsChoosing(false)}
          onCopy={copy}
          onUse={(id) => {
            setIsChoosing(false)
            onChange({ ...content, template: { id, slots: content.template?.slots ?? {} } })
          }}
        />
      )}
    </div>
  )
}

function TemplateLine({ id, onChange, onLeave }: { id: Template['id']; onChange: () => void; onLeave: () => void }) {
  const { data } = useEndpoint(getTemplate, { id })
  return (
    <div className={styles.used}>
      <LayoutTemplate size={16} aria-hidden />
      <b>{t.content.templateUsed(data?.name ?? '…')}</b>
      <Button size="compact-xs" variant="subtle" onClick={onChange}>
        {t.content.changeTemplate}
      </Button>
      <Button size="compact-xs" variant="subtle" color="gray" onClick={onLeave}>
        {t.content.leaveTemplate}
      </Button>
    </div>
  )
}

/** The part for whoever reads no markup. */
function PlainPart({
  content,
  made,
  onChange,
}: {
  content: CampaignContent
  made: string
  onChange: (changed: Partial<CampaignContent>) => void
}) {
  const says = t.content.plain
  if (content.format === 'text' && !content.template) return null
  return (
    <details className={styles.fold} open={content.text !== null}>
      <summary>
        {says.title} <span className={styles.quiet}>· {content.text === null ? says.made : says.own}</span>
      </summary>
      <p className={styles.quiet}>{says.lead}</p>
      {content.text === null ? (
        <Button size="xs" variant="default" className={styles.start ?? ''} onClick={() => onChange({ text: made })}>
          {says.writeOwn}
        </Button>
      ) : (
        <>
          <Textarea
            autosize
            minRows={4}
            maxRows={16}
            aria-label={says.label}
            value={content.text}
            onChange={(event) => onChange({ text: event.currentTarget.value })}
          />
          <Button size="xs" variant="default" className={styles.start ?? ''} onClick={() => onChange({ text: null })}>
            {says.back}
          </Button>
        </>
      )}
    </details>
  )
}
