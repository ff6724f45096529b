import { campaignsTo } from './campaigns/naming-list.ts'
import type { NamersOfList } from './contacts/imports/made-lists.ts'
import { formsNaming } from './forms/naming-list.ts'

/** Everything above contacts that names a list. */
export const namersOfList: NamersOfList = async (tx, workspaceId, id) => [
  ...(await campaignsTo(tx, workspaceId, id)),
  ...(await formsNaming(tx, workspaceId, id)).map((name) => `the form “${name}”`),
]
