import { Switch } from '@mantine/core'
import { useNavigate } from '@tanstack/react-router'
import { useState } from 'react'
import { getQueues } from '../../src/api/endpoints/overview.ts'
import { createRoute, listRoutes } from '../../src/api/endpoints/routes.ts'
import { useMe, whyNot } from '../me.ts'
import { Doctor } from '../parts/doctor.tsx'
import { EMPTY_DRAFT, type RouteDraft, settingsOf } from '../parts/route-draft.ts'
import { RouteFields, SMTP_POINTERS } from '../parts/route-form.tsx'
import { useDoctor } from '../parts/use-doctor.ts'
import { useAction } from '../query.ts'
import { t } from '../texts/texts.ts'
import { ActButton } from '../ui/act-button.tsx'
import { errorsFor } from '../ui/field-errors.ts'
import { Form, FormActs } from '../ui/form.tsx'
import { Page } from '../ui/page.tsx'
import { Panel } from '../ui/panel.tsx'
import { toast } from '../ui/toasts.tsx'
import styles from './route-page.module.css'

export function NewRoutePage() {
  const me = useMe()
  const navigate = useNavigate()
  const [draft, setDraft] = useState<RouteDraft>(EMPTY_DRAFT)
  const [isDefault, setIsDefault] = useState(false)
  const doctor = useDoctor({ draft, onChange: setDraft, savedId: null, address: me.user?.email })
  const create = useAction(createRoute, {
    quiet: true,
    changes: [listRoutes, getQueues],
    onDone: (route) => {
      toast('good', t.routes.created(route.name))
      void navigate({ to: '/routes/$id', params: { id: route.id } })
    },
  })
  const problem = errorsFor(create.error, SMTP_POINTERS).rest
  const name = draft.name.trim() || draft.host.trim()
  function submit() {
    create.mutate({ body: { name, is_default: isDefault, settings: settingsOf(draft) } })
  }
  return (
    <Page title={t.routes.newTitle} lead={t.routes.newLead}>
      <div className={styles.columns}>
        <Panel title={t.routes.settings}>
          <Form onSubmit={submit} problem={problem}>
            <RouteFields draft={draft} onChange={setDraft} refused={create.error} />
            <Switch
              label={t.routeForm.isDefault}
              checked={isDefault}
              onChange={(event) => setIsDefault(event.currentTarget.checked)}
            />
            <FormActs>
              <ActButton type="submit" loading={create.isPending} because={whyNot(me, 'routes.manage')}>
                {t.routes.create}
              </ActButton>
            </FormActs>
          </Form>
        </Panel>
        <Panel title={t.doctor.title}>
          <Doctor {...doctor} because={whyNot(me, 'routes.manage') ?? doctor.because} />
        </Panel>
      </div>
    </Page>
  )
}
