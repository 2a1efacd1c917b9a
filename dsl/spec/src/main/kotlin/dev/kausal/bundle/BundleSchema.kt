package dev.kausal.bundle

import dev.kausal.spec.EnvironmentRecord
import dev.kausal.spec.ExperimentSpec
import dev.kausal.spec.Results
import kotlinx.serialization.ExperimentalSerializationApi
import kotlinx.serialization.InternalSerializationApi
import kotlinx.serialization.KSerializer
import kotlinx.serialization.descriptors.PolymorphicKind
import kotlinx.serialization.descriptors.PrimitiveKind
import kotlinx.serialization.descriptors.SerialDescriptor
import kotlinx.serialization.descriptors.SerialKind
import kotlinx.serialization.descriptors.StructureKind
import kotlinx.serialization.descriptors.elementDescriptors
import kotlinx.serialization.descriptors.elementNames
import kotlinx.serialization.descriptors.nonNullOriginal
import kotlinx.serialization.json.JsonArray
import kotlinx.serialization.json.JsonClassDiscriminator
import kotlinx.serialization.json.JsonElement
import kotlinx.serialization.json.JsonObject
import kotlinx.serialization.json.JsonPrimitive

/** A file of a bundle whose format has a JSON Schema. */
public enum class BundleSchema(
    private val serializer: KSerializer<*>,
) {
    SPEC(ExperimentSpec.serializer()),
    RESULTS(Results.serializer()),
    ENVIRONMENT(EnvironmentRecord.serializer()),
    ;

    /** Name of the file without its suffix, such as `results`. */
    public val word: String get() = name.lowercase()

    /**
     * Returns the JSON Schema (draft 2020-12) of what this version writes, made from the serialiser itself. Fields with a default are
     * optional, since bundles of earlier versions lack some. Unknown fields are refused, which finds misspelt names.
     */
    public fun text(): String {
        val title = "$word.json of a Kausal bundle, version ${ExperimentSpec.SCHEMA}"
        return BundleFiles.pretty.encodeToString(
            JsonElement.serializer(),
            SchemaWriter().of(title, serializer.descriptor),
        ) +
            "\n"
    }
}

/** Makes a schema from descriptors; each class has one definition, which others refer to. */
@OptIn(ExperimentalSerializationApi::class, InternalSerializationApi::class)
private class SchemaWriter {
    private val definitions = LinkedHashMap<String, JsonElement>()
    private val names = HashMap<Pair<String?, Any>, String>()

    fun of(title: String, root: SerialDescriptor): JsonObject {
        val top = schema(root)
        return json(
            "\$schema" to text("https://json-schema.org/draft/2020-12/schema"),
            "title" to text(title),
            *top.toList().toTypedArray(),
            "\$defs" to JsonObject(definitions.toSortedMap()),
        )
    }

    private fun schema(type: SerialDescriptor): JsonObject {
        if (!type.isNullable) return plain(type)
        return json("anyOf" to JsonArray(listOf(plain(type.nonNullOriginal), json("type" to text("null")))))
    }

    private fun plain(type: SerialDescriptor): JsonObject =
        if (type.isInline) schema(type.getElementDescriptor(0)) else ofKind(type, type.kind)

    private fun ofKind(type: SerialDescriptor, kind: SerialKind): JsonObject =
        when (kind) {
            PrimitiveKind.BOOLEAN -> json("type" to text("boolean"))
            PrimitiveKind.FLOAT, PrimitiveKind.DOUBLE -> json("type" to text("number"))
            PrimitiveKind.STRING, PrimitiveKind.CHAR -> json("type" to text("string"))
            is PrimitiveKind -> json("type" to text("integer"))
            SerialKind.ENUM -> defined(type, null) { json("enum" to JsonArray(type.elementNames.map(::text))) }
            StructureKind.LIST -> json("type" to text("array"), "items" to schema(type.getElementDescriptor(0)))
            StructureKind.MAP -> map(type)
            StructureKind.CLASS, StructureKind.OBJECT -> defined(type, null) { fields(type, null) }
            PolymorphicKind.SEALED -> defined(type, null) { oneOf(type) }
            else -> error("${type.serialName} has no schema: its kind is $kind")
        }

    private fun map(type: SerialDescriptor): JsonObject {
        val keys = type.getElementDescriptor(0)
        val named = if (keys.kind == SerialKind.ENUM) arrayOf("propertyNames" to schema(keys)) else emptyArray()
        return json("type" to text("object"), *named, "additionalProperties" to schema(type.getElementDescriptor(1)))
    }

    /** One of the kinds of a sealed type, which its field `type` tells, or the one that the type names instead. */
    private fun oneOf(type: SerialDescriptor): JsonObject {
        val telling = type.annotations.filterIsInstance<JsonClassDiscriminator>().firstOrNull()?.discriminator ?: "type"
        val kinds = type.getElementDescriptor(1).elementDescriptors
        return json(
            "oneOf" to JsonArray(
                kinds.map { kind ->
                    defined(kind, type.serialName) { fields(kind, telling to kind.serialName) }
                },
            ),
        )
    }

    private fun fields(type: SerialDescriptor, kind: Pair<String, String>?): JsonObject {
        val own = (0 until type.elementsCount).map { type.getElementName(it) to schema(type.getElementDescriptor(it)) }
        val needed = (0 until type.elementsCount).filterNot(type::isElementOptional).map(type::getElementName)
        val told = kind?.let { (field, name) -> listOf(field to json("const" to text(name))) }.orEmpty()
        return json(
            "type" to text("object"),
            "properties" to JsonObject((told + own).toMap()),
            "required" to JsonArray((told.map { it.first } + needed).map(::text)),
            "additionalProperties" to JsonPrimitive(false),
        )
    }

    /** Returns a reference to the definition of [type], which [make] makes at its first use: a class may contain itself. */
    private fun defined(type: SerialDescriptor, family: String?, make: () -> JsonElement): JsonObject {
        val key =
            family to listOf(type.serialName, type.elementNames.toList(), type.elementDescriptors.map { it.serialName })
        val known = names[key]
        if (known != null) return reference(known)
        val name = unused(listOfNotNull(family, type.serialName).joinToString(".") { it.substringAfterLast('.') })
        names[key] = name
        definitions[name] = JsonObject(emptyMap())
        definitions[name] = make()
        return reference(name)
    }

    private fun unused(name: String): String =
        generateSequence(1) { it + 1 }.map { if (it == 1) name else "$name$it" }.first { it !in definitions }

    private fun reference(name: String) = json("\$ref" to text("#/\$defs/$name"))

    private fun text(text: String): JsonElement = JsonPrimitive(text)

    private fun json(vararg fields: Pair<String, JsonElement>) = JsonObject(linkedMapOf(*fields))
}
