import { Switch } from '@mantine/core'
import { useNavigate } from '@tanstack/react-router'
import { useState } from 'react'
import { getQueues } from '../../src/api/endpoints/overview.ts'
import { createRoute, listRoutes } from '../../src/api/endpoints/routes.ts'
import { useMe, whyNot } from '../me.ts'
import { Doctor } from '../parts/doctor.tsx'
import { EMPTY_DRAFT, type RouteDraft, settingsOf } from '../parts/route-draft.ts'
import { RouteFields, SMTP_POINTERS } from '../parts/route-form.tsx'
import { emptySettings, type FormKind, newRouteBody, pointersOf } from '../parts/route-settings.ts'
import { SettingsFields } from '../parts/settings-fields.tsx'
import { useDoctor } from '../parts/use-doctor.ts'
import { useAction } from '../query.ts'
import { t } from '../texts/texts.ts'
import { ActButton } from '../ui/act-button.tsx'
import { ChoiceCards } from '../ui/choice-cards.tsx'
import { errorsFor } from '../ui/field-errors.ts'
import { Form, FormActs } from '../ui/form.tsx'
import { Note } from '../ui/note.tsx'
import { Page } from '../ui/page.tsx'
import { Panel } from '../ui/panel.tsx'
import { toast } from '../ui/toasts.tsx'
import styles from './route-page.module.css'

type Kind = 'smtp' | FormKind
const KINDS = ['smtp', 'mx', 'ses', 'scaleway'] as const

export function NewRoutePage() {
  const [kind, setKind] = useState<Kind>('smtp')
  return (
    <Page title={t.routes.newTitle} lead={t.routes.newLead}>
      <div className={styles.kinds}>
        <ChoiceCards
          label={t.routes.kindLabel}
          name="kind"
          value={kind}
          onChange={setKind}
          choices={KINDS.map((value) => ({ value, title: t.routeKinds[value].name, hint: t.routeKinds[value].hint }))}
        />
      </div>
      {kind === 'smtp' ? <NewMailServer /> : <NewOther key={kind} kind={kind} />}
    </Page>
  )
}

/** Adds a route, and goes to its page. */
function useCreate() {
  const navigate = useNavigate()
  return useAction(createRoute, {
    quiet: true,
    changes: [listRoutes, getQueues],
    onDone: (route) => {
      toast('good', t.routes.created(route.name))
      void navigate({ to: '/routes/$id', params: { id: route.id } })
    },
  })
}

function NewMailServer() {
  const me = useMe()
  const [draft, setDraft] = useState<RouteDraft>(EMPTY_DRAFT)
  const [isDefault, setIsDefault] = useState(false)
  const doctor = useDoctor({ draft, onChange: setDraft, savedId: null, address: me.user?.email })
  const create = useCreate()
  const name = draft.name.trim() || draft.host.trim()
  return (
    <div className={styles.columns}>
      <Panel title={t.routes.settings}>
        <Form
          onSubmit={() => create.mutate({ body: { name, is_default: isDefault, settings: settingsOf(draft) } })}
          problem={errorsFor(create.error, SMTP_POINTERS).rest}
        >
          <RouteFields draft={draft} onChange={setDraft} refused={create.error} withPresets />
          <Ending isDefault={isDefault} onDefault={setIsDefault} isBusy={create.isPending} />
        </Form>
      </Panel>
      <Panel title={t.doctor.title}>
        <Doctor {...doctor} because={whyNot(me, 'routes.manage') ?? doctor.because} />
      </Panel>
    </div>
  )
}

const NOTES = { mx: t.routes.mxHint, ses: t.routes.sesNote, scaleway: t.routes.scalewayNote }

function NewOther({ kind }: { kind: FormKind }) {
  const [draft, setDraft] = useState(emptySettings(kind))
  const [isDefault, setIsDefault] = useState(false)
  const create = useCreate()
  return (
    <div className={styles.columns}>
      <Panel title={t.routes.settings}>
        <Form
          onSubmit={() => create.mutate({ body: newRouteBody(kind, draft, isDefault) })}
          problem={errorsFor(create.error, pointersOf(kind)).rest}
        >
          <SettingsFields kind={kind} draft={draft} onChange={setDraft} refused={create.error} />
          <Ending isDefault={isDefault} onDefault={setIsDefault} isBusy={create.isPending} />
        </Form>
      </Panel>
      <Note tone="calm">{NOTES[kind]}</Note>
    </div>
  )
}

interface EndingProps {
  readonly isDefault: boolean
  readonly onDefault: (isDefault: boolean) => void
  readonly isBusy: boolean
}

function Ending({ isDefault, onDefault, isBusy }: EndingProps) {
  const me = useMe()
  return (
    <>
      <Switch label={t.routeForm.isDefault} checked={isDefault} onChange={(event) => onDefault(event.currentTarget.checked)} />
      <FormActs>
        <ActButton type="submit" loading={isBusy} because={whyNot(me, 'routes.manage')}>
          {t.routes.create}
        </ActButton>
      </FormActs>
    </>
  )
}
