// An app names models' ids, times and JSON values, and chooses among stores: it imports Sess, or its adapter, alone.
@_exported public import Modeler
