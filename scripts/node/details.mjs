// The details of a failed call. Numbers and names are those of google.rpc.
import protobuf from 'protobufjs';

const { root } = protobuf.parse(`
  syntax = "proto3";
  message Any { string type_url = 1; bytes value = 2; }
  message Status { int32 code = 1; string message = 2; repeated Any details = 3; }
  message ErrorInfo { string reason = 1; string domain = 2; map<string, string> metadata = 3; }
  message FieldViolation { string field = 1; string description = 2; }
  message BadRequest { repeated FieldViolation field_violations = 1; }
`);

function detail(error, name) {
  const [bytes] = error.metadata.get('grpc-status-details-bin');
  if (bytes === undefined) {
    return undefined;
  }
  const status = root.lookupType('Status').decode(bytes);
  const any = status.details.find((candidate) => candidate.typeUrl.endsWith(`/google.rpc.${name}`));
  return any && root.lookupType(name).decode(any.value);
}

/** Why the call failed, for programs: reason, domain and metadata; undefined when the error says nothing of it. */
export function errorInfo(error) {
  return detail(error, 'ErrorInfo');
}

/** The fields that the server refused. */
export function refusedFields(error) {
  return (detail(error, 'BadRequest')?.fieldViolations ?? []).map((violation) => violation.field);
}
