package dev.kausal.experiments.schema

import com.networknt.schema.InputFormat
import com.networknt.schema.JsonSchema
import com.networknt.schema.JsonSchemaFactory
import com.networknt.schema.SpecVersion.VersionFlag
import dev.kausal.bundle.BundleSchema
import java.nio.file.Path
import kotlin.io.path.readText

/** Checks files of bundles against their schemas, by a library that knows nothing of Kausal. */
internal object Schemas {
    private val factory = JsonSchemaFactory.getInstance(VersionFlag.V202012)
    private val schemas: Map<BundleSchema, JsonSchema> by lazy {
        BundleSchema.entries.associateWith { factory.getSchema(it.text()) }
    }

    /** Returns what is wrong with [json]. */
    fun mistakes(file: BundleSchema, json: String): List<String> =
        schemas.getValue(file).validate(json, InputFormat.JSON).map { it.message }

    /** Returns what is wrong with the files of the bundle in [folder]. */
    fun mistakes(folder: Path): List<String> =
        BundleSchema.entries.flatMap { file ->
            mistakes(file, folder.resolve("${file.word}.json").readText()).map { "${file.word}.json: $it" }
        }
}
