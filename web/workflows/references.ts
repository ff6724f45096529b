/** What steps may point to in this workspace, by kind: for pickers, and for the names in sentences. */
import { useMemo } from 'react'
import { listCampaigns } from '../../src/api/endpoints/campaigns.ts'
import { listForms } from '../../src/api/endpoints/forms.ts'
import { listInboxes } from '../../src/api/endpoints/inboxes.ts'
import { listContactFields, listLists } from '../../src/api/endpoints/lists.ts'
import { listSegments } from '../../src/api/endpoints/segments.ts'
import { listAgents, listTeams } from '../../src/api/endpoints/teams.ts'
import { listTemplates } from '../../src/api/endpoints/templates.ts'
import { listCustomFields, listStatusLabels, listTags } from '../../src/api/endpoints/triage-settings.ts'
import { listWorkflowSecrets } from '../../src/api/endpoints/workflow-secrets.ts'
import { listWorkflows } from '../../src/api/endpoints/workflows.ts'
import { listWorkingCalendars } from '../../src/api/endpoints/working-calendars.ts'
import type { FieldType } from '../../src/workflows/definition/condition.ts'
import { typeOfOwn } from '../../src/workflows/definition/fields.ts'
import type { Names, Reference } from '../../src/workflows/definition/node-type.ts'
import { useEndpoint } from '../query.ts'

export interface Choice {
  readonly value: string
  readonly label: string
  /** Of a field that the workspace made itself. */
  readonly type?: FieldType
  readonly options?: readonly string[]
}
export type References = Partial<Readonly<Record<Reference, readonly Choice[]>>>

const LATEST = 100

const named = (items: readonly { readonly id: string; readonly name: string }[] | undefined): Choice[] =>
  (items ?? []).map(({ id, name }) => ({ value: id, label: name }))

function ofType(type: string, options: readonly string[]) {
  return { type: typeOfOwn(type), ...(options.length > 0 && { options }) }
}

export function useReferences(): References {
  const inbox = useEndpoint(listInboxes, {}).data?.items
  const user = useEndpoint(listAgents, {}).data?.items
  const team = useEndpoint(listTeams, {}).data?.items
  const tag = useEndpoint(listTags, {}).data?.items
  const label = useEndpoint(listStatusLabels, {}).data?.items
  const field = useEndpoint(listCustomFields, {}).data?.items
  const list = useEndpoint(listLists, {}).data?.items
  const contactField = useEndpoint(listContactFields, {}).data?.items
  const segment = useEndpoint(listSegments, {}).data?.items
  const template = useEndpoint(listTemplates, {}).data?.items
  const form = useEndpoint(listForms, { limit: LATEST }).data?.items
  const campaign = useEndpoint(listCampaigns, { limit: LATEST }).data?.items
  const workflow = useEndpoint(listWorkflows, {}).data?.items
  const calendar = useEndpoint(listWorkingCalendars, {}).data?.items
  const secret = useEndpoint(listWorkflowSecrets, {}).data?.items
  return useMemo(
    () => ({
      inbox: named(inbox),
      sender: (inbox ?? []).map(({ id, name, address }) => ({ value: id, label: `${name} <${address}>` })),
      calendar: named(calendar),
      secret: (secret ?? []).map(({ name }) => ({ value: name, label: name })),
      user: named(user),
      team: named(team),
      tag: (tag ?? []).map(({ name }) => ({ value: name, label: name })),
      label: named(label),
      field: (field ?? []).map(({ id, name, type, options }) => ({ value: id, label: name, ...ofType(type, options) })),
      list: named(list),
      contact_field: (contactField ?? []).map(({ key, label, type, options }) => ({
        ...{ value: key, label, ...ofType(type, options) },
      })),
      segment: named(segment),
      template: named(template),
      form: named(form),
      campaign: named(campaign),
      workflow: named(workflow),
    }),
    [inbox, user, team, tag, label, field, list, contactField, segment, template, form, campaign, workflow, calendar, secret],
  )
}

interface Known {
  readonly kind: Reference
  readonly id: string
  readonly name: string
}

export function namesOf(references: References, known: readonly Known[] = []): Names {
  return {
    of: (kind, id) =>
      references[kind]?.find((one) => one.value === id)?.label ??
      known.find((one) => one.kind === kind && one.id === id)?.name ??
      (id === '' ? '…' : id),
  }
}
