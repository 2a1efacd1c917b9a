package dev.kausal.notebook

import kotlinx.serialization.json.Json
import kotlinx.serialization.json.JsonArray
import kotlinx.serialization.json.JsonElement
import kotlinx.serialization.json.JsonObject
import kotlinx.serialization.json.JsonPrimitive
import kotlinx.serialization.json.jsonArray
import kotlinx.serialization.json.jsonObject
import kotlinx.serialization.json.jsonPrimitive
import java.nio.file.Path
import kotlin.io.path.readText

/** A notebook with the outputs of its cells. */
internal class ExecutedNotebook(
    file: Path,
) {
    /** The cells of code. */
    val cells: List<Cell> = Json.parseToJsonElement(file.readText()).jsonObject.getValue("cells").jsonArray
        .map { it.jsonObject }
        .filter { text(it["cell_type"]) == "code" }
        .map { Cell(text(it["source"]), it.getValue("outputs").jsonArray.map { output -> Output(output.jsonObject) }) }

    /** Returns the cell whose code has [part]. */
    fun cell(part: String): Cell = cells.single { part in it.code }

    class Cell(
        val code: String,
        val outputs: List<Output>,
    )

    /** An output: [kind] is `display_data`, `execute_result`, `stream` or `error`. */
    class Output(
        json: JsonObject,
    ) {
        val kind: String = text(json["output_type"])
        private val data = json["data"]?.jsonObject.orEmpty()

        /** What a stream or an error says. */
        val told: String = text(json["text"]) + text(json["evalue"])

        val html: String get() = text(data["text/html"])
        val svg: String get() = text(data["image/svg+xml"])
        val plain: String get() = text(data["text/plain"])
    }

    private companion object {
        /** Returns a text that may be written as a list of lines. */
        fun text(json: JsonElement?): String =
            when (json) {
                is JsonArray -> json.joinToString("") { it.jsonPrimitive.content }
                is JsonPrimitive -> json.content
                else -> ""
            }
    }
}
