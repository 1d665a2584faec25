"""Compares what some proto files declare with what upstream declares under the same names.

Usage: compare_protos.py OURS.pb UPSTREAM.pb FILE...

The first two are descriptor sets made by one protoc; the files are those of OURS.pb to look at. Prints one line per
difference and exits with 1, or prints what was compared and exits with 0; with 2 when there is nothing to
compare.
"""

import sys

from google.protobuf.descriptor_pb2 import FieldDescriptorProto, FileDescriptorSet

# Our name: its name where upstream no longer has ours. Message names do not travel, so both mean the same bytes.
MOVED = {
    # Became a shared type in later versions of the API; the numbers stayed.
    "containerd.services.events.v1.Envelope": "containerd.types.Envelope",
}


def word(enum, prefix, number):
    return enum.Name(number).removeprefix(prefix).lower()


def field_facts(field, message, syntax):
    repeated = field.label == FieldDescriptorProto.LABEL_REPEATED
    # Bytes and strings and messages are never packed; proto3 packs the rest unless told otherwise.
    packable = repeated and field.type not in (
        FieldDescriptorProto.TYPE_STRING,
        FieldDescriptorProto.TYPE_BYTES,
        FieldDescriptorProto.TYPE_MESSAGE,
        FieldDescriptorProto.TYPE_GROUP,
    )
    packed = field.options.packed if field.options.HasField("packed") else syntax == "proto3"
    in_oneof = field.HasField("oneof_index") and not field.proto3_optional
    return {
        "number": str(field.number),
        "type": field.type_name.lstrip(".") or word(FieldDescriptorProto.Type, "TYPE_", field.type),
        "label": word(FieldDescriptorProto.Label, "LABEL_", field.label),
        "oneof": message.oneof_decl[field.oneof_index].name if in_oneof else "none",
        "presence": "explicit" if field.proto3_optional else "implicit",
        "packed": str(packed).lower() if packable else "never",
    }


def message_facts(message, scope, syntax, facts):
    name = f"{scope}.{message.name}"
    facts["message", name] = {"syntax": syntax, "map entry": "yes" if message.options.map_entry else "no"}
    for field in message.field:
        facts["field", f"{name}.{field.name}"] = field_facts(field, message, syntax)
    for nested in message.nested_type:
        message_facts(nested, name, syntax, facts)
    for enum in message.enum_type:
        enum_facts(enum, name, facts)


def enum_facts(enum, scope, facts):
    name = f"{scope}.{enum.name}"
    facts["enum", name] = {}
    for value in enum.value:
        facts["enum value", f"{name}.{value.name}"] = {"number": str(value.number)}


def service_facts(service, scope, facts):
    name = f"{scope}.{service.name}"
    facts["service", name] = {}
    for method in service.method:
        facts["method", f"{name}.{method.name}"] = {
            "input": method.input_type.lstrip("."),
            "output": method.output_type.lstrip("."),
            "client streaming": "yes" if method.client_streaming else "no",
            "server streaming": "yes" if method.server_streaming else "no",
        }


def facts_of(path, wanted=lambda file: True):
    """Everything declared in a descriptor set: (kind, full name) to what must agree."""
    descriptors = FileDescriptorSet()
    with open(path, "rb") as stream:
        descriptors.ParseFromString(stream.read())
    facts = {}
    for file in descriptors.file:
        if not wanted(file.name):
            continue
        for message in file.message_type:
            message_facts(message, file.package, file.syntax or "proto2", facts)
        for enum in file.enum_type:
            enum_facts(enum, file.package, facts)
        for service in file.service:
            service_facts(service, file.package, facts)
    return facts


def under_upstream_name(name, moved):
    for old, new in moved.items():
        if name == old or name.startswith(old + "."):
            return new + name.removeprefix(old)
    return name


def missing(kind, name, own, upstream):
    """The sentence for a name that upstream does not have."""
    parent = name.rpartition(".")[0]
    for (other_kind, other), facts in upstream.items():
        same_place = other_kind == kind and other.rpartition(".")[0] == parent
        if same_place and "number" in own and facts["number"] == own["number"]:
            return f"{kind} {name}: upstream calls number {own['number']} {other.rpartition('.')[2]}"
    return f"{kind} {name}: upstream has none"


def differences(ours, upstream):
    moved = {old: new for old, new in MOVED.items() if ("message", old) not in upstream}
    for (kind, name), own in ours.items():
        theirs = upstream.get((kind, under_upstream_name(name, moved)))
        if theirs is None:
            yield missing(kind, name, own, upstream)
            continue
        for fact, value in own.items():
            if under_upstream_name(value, moved) != theirs[fact]:
                yield f"{kind} {name}: {fact} is {value}, upstream {theirs[fact]}"


def main(ours_path, upstream_path, *files):
    ours = facts_of(ours_path, wanted=set(files).__contains__)
    if not ours:
        print("compare_protos: our files declare nothing", file=sys.stderr)
        sys.exit(2)
    found = list(differences(ours, facts_of(upstream_path)))
    for line in found:
        print(line)
    if found:
        sys.exit(1)
    kinds = [kind for kind, _ in ours]
    print(", ".join(f"{kinds.count(kind)} {kind}s" for kind in dict.fromkeys(kinds)) + " are as upstream has them")


if __name__ == "__main__":
    main(*sys.argv[1:])
