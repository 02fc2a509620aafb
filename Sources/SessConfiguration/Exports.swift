// What an app catches and prints.
@_exported public import ConfigurationKeys
@_exported public import Sess
