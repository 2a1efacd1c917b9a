package dev.kausal.experiments.script

import dev.kausal.engine.errors.KausalException
import java.nio.file.FileAlreadyExistsException
import java.nio.file.Files
import java.nio.file.Path
import java.nio.file.StandardOpenOption.CREATE_NEW

/** Commented scripts that `new` writes: resources under `starters/`. */
internal enum class Starter {
    /** For a causal language model. */
    Language,

    /** For a model that fills in masked words. */
    Encoder,

    /** For a classifier of images. */
    Vision,
    ;

    /**
     * Writes `NAME.kausal.kts` to [folder] and returns it.
     *
     * @throws ScriptNotNewException where a file of that name is there, or [name] is no file name
     */
    fun write(folder: Path, name: String): Path {
        val plain = name.removeSuffix(ScriptSource.SUFFIX)
        if (!NAME.matches(
                plain,
            )
        ) {
            throw ScriptNotNewException("'$name' is no name for a script: use letters, digits, - and _")
        }
        val file = folder.resolve(plain + ScriptSource.SUFFIX)
        try {
            Files.writeString(file, text(plain), CREATE_NEW)
        } catch (_: FileAlreadyExistsException) {
            throw ScriptNotNewException("$file is there already: choose another name, or move it away")
        }
        return file
    }

    /** The script's text, for an experiment called [name]. */
    fun text(name: String): String {
        val resource = "/starters/${this.name.lowercase()}.kausal.kts"
        val text = checkNotNull(Starter::class.java.getResource(resource)) { "no resource $resource" }.readText()
        return text.replace("experiment(\"starter\")", "experiment(\"$name\")")
    }

    private companion object {
        val NAME = Regex("[A-Za-z0-9][A-Za-z0-9_-]*")
    }
}

/** `new` would overwrite a script, or has no name for it. */
internal class ScriptNotNewException(
    message: String,
) : KausalException(Blame.USER, message) {
    private companion object {
        private const val serialVersionUID = 1L
    }
}
