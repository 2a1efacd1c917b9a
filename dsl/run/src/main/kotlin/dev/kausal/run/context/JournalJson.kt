package dev.kausal.run.context

import kotlinx.serialization.KSerializer
import kotlinx.serialization.json.Json

/** Returns the value stored under [part]; null if there is none, or none that this version of Kausal writes. */
internal fun <T : Any> Journal.readJson(
    part: String,
    serializer: KSerializer<T>,
): T? =
    read(part)?.let { bytes ->
        try {
            Json.decodeFromString(serializer, bytes.decodeToString())
        } catch (_: IllegalArgumentException) {
            null
        }
    }

/** Stores [value] under [part]. */
internal fun <T : Any> Journal.writeJson(
    part: String,
    serializer: KSerializer<T>,
    value: T,
): Unit = write(part, Json.encodeToString(serializer, value).encodeToByteArray())
