package dev.kausal.experiments.export

import dev.kausal.bundle.Bundle
import dev.kausal.bundle.WholeFiles
import dev.kausal.engine.errors.KausalException
import dev.kausal.engine.names.NearestNames
import dev.kausal.spec.Result
import java.io.IOException
import java.io.OutputStream
import java.nio.file.FileAlreadyExistsException
import java.nio.file.Path
import kotlin.io.path.createDirectories
import kotlin.io.path.deleteIfExists
import kotlin.io.path.isDirectory

/** File formats of exported numbers. */
internal enum class ExportFormat {
    CSV,
    NPZ,
    PARQUET,
}

/** Writes the numbers of a bundle for other programs. */
internal object BundleExport {
    private val UNSAFE = Regex("[^\\p{L}\\p{N}._-]+")

    /**
     * Writes the results called [names], or all, of the bundle in [folder].
     *
     * @param out folder of tables, or the npz file; null for a name made of the bundle's
     * @return the files
     */
    fun write(
        folder: Path,
        format: ExportFormat,
        names: List<String>,
        out: Path?,
    ): List<Path> {
        val results = chosen(Bundle.read(folder).results.results, names)
        val usual = "${folder.toAbsolutePath().normalize().fileName}".replace(UNSAFE, "-")
        return when (format) {
            ExportFormat.CSV -> tables(results, out ?: Path.of("$usual-csv"), "csv", csv)
            ExportFormat.PARQUET -> tables(results, out ?: Path.of("$usual-parquet"), "parquet", parquet)
            ExportFormat.NPZ -> listOf(npz(results, out ?: Path.of("$usual.npz")))
        }
    }

    private fun chosen(results: List<Result>, names: List<String>): List<Result> {
        val known = results.map { it.name }
        names.firstOrNull { it !in known }?.let { throw ExportException.noResult(it, known) }
        return if (names.isEmpty()) results else results.filter { it.name in names }
    }

    /** A way to write both tables of a result: of examples and cells, and of cells. */
    private class Tables(
        val examples: (Result, OutputStream) -> Unit,
        val cells: (Result, OutputStream) -> Unit,
    )

    private val csv = Tables(
        { result, out -> out.bufferedWriter().use { CsvTables.examples(result, it) } },
        { result, out -> out.bufferedWriter().use { CsvTables.cells(result, it) } },
    )

    private val parquet = Tables(
        { result, out -> out.buffered().use { ParquetTables.examples(result, it) } },
        { result, out -> out.buffered().use { ParquetTables.cells(result, it) } },
    )

    private fun tables(results: List<Result>, folder: Path, suffix: String, write: Tables): List<Path> =
        results.flatMap { result ->
            val name = result.name.replace(UNSAFE, "-")
            listOf(
                created(folder.resolve("$name.$suffix")) { write.examples(result, it) },
                created(folder.resolve("$name.cells.$suffix")) { write.cells(result, it) },
            )
        }

    private fun npz(results: List<Result>, file: Path): Path =
        created(file) { out -> NpzFile(out.buffered()).use { npz -> results.forEach { arrays(it, npz) } } }

    private fun arrays(result: Result, npz: NpzFile) {
        val name = result.name
        val shape = result.axes.map { it.labels.size }
        exampleRows(result).forEach { (column, rows) ->
            val array = if (column == "value") name else "$name.$column"
            val cells = cells(result)
            val padded = rows.asSequence().map { row -> row + List(maxOf(0, cells - row.size)) { null } }
            npz.numbers(array, listOf(rows.size) + shape, padded)
        }
        cellColumns(result).forEach { npz.numbers("$name.${it.name}", shape, sequenceOf(it.numbers)) }
        npz.texts("$name.example", result.examples)
        result.axes.forEach { npz.texts("$name.axis.${it.name}", it.labels) }
    }

    /** Creates [file], whole or not at all. */
    private fun created(file: Path, write: (OutputStream) -> Unit): Path {
        var isOurs = false
        try {
            file.toAbsolutePath().parent.let { if (!it.isDirectory()) it.createDirectories() }
            WholeFiles.create(file).also { isOurs = true }.use(write)
            return file
        } catch (e: FileAlreadyExistsException) {
            throw ExportException.exists(file, e)
        } catch (e: IOException) {
            if (isOurs) file.deleteIfExists()
            throw e
        }
    }
}

/** An export that cannot be made as asked. */
internal class ExportException private constructor(
    message: String,
    cause: Throwable? = null,
) : KausalException(Blame.USER, message, cause) {
    internal companion object {
        private const val serialVersionUID = 1L

        fun noResult(name: String, known: List<String>) =
            ExportException(
                "The bundle has no result '$name'." +
                    NearestNames.meant(name, known).map { " Did you mean '$it'?" }.orElse("") +
                    " Results: ${known.joinToString()}.",
            )

        fun exists(file: Path, cause: Throwable) =
            ExportException(
                "$file exists, and an export never overwrites files. Choose another --out, or remove it.",
                cause,
            )
    }
}
