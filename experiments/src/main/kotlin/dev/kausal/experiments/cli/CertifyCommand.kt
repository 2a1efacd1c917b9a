package dev.kausal.experiments.cli

import com.github.ajalt.clikt.core.CliktCommand
import com.github.ajalt.clikt.core.Context
import com.github.ajalt.clikt.core.UsageError
import com.github.ajalt.clikt.parameters.arguments.argument
import com.github.ajalt.clikt.parameters.arguments.optional
import com.github.ajalt.clikt.parameters.options.default
import com.github.ajalt.clikt.parameters.options.multiple
import com.github.ajalt.clikt.parameters.options.option
import com.github.ajalt.clikt.parameters.types.choice
import com.github.ajalt.clikt.parameters.types.double
import com.github.ajalt.clikt.parameters.types.path
import com.github.ajalt.clikt.parameters.types.restrictTo
import dev.kausal.engine.certify.Bounds
import dev.kausal.engine.tensor.Precision
import dev.kausal.experiments.certify.CertificateFiles
import dev.kausal.experiments.certify.CertificateRecord
import dev.kausal.experiments.certify.CertificateText
import dev.kausal.experiments.certify.ModelsTable
import dev.kausal.experiments.certify.Referenced
import dev.kausal.experiments.certify.References
import java.nio.file.Path

/** `kausal certify`. */
internal class CertifyCommand(
    private val session: Session,
) : CliktCommand("certify") {
    private val ref: String? by argument("REF", help = "A catalog id, a folder, a .gguf file or hf:org/name@revision")
        .optional()
    private val reference: Path? by option(
        "--reference",
        metavar = "FILE",
        help = "Reference values written by bench/dump_reference.py",
    ).path(mustExist = true, canBeDir = false)
    private val out: Path? by option("--out", metavar = "FILE", help = "Path of the certificate; default: in the cache")
        .path(canBeDir = false)
    private val all: List<Path> by option(
        "--all",
        metavar = "FOLDER",
        help = "Certifies every model in the folder that has reference values; repeatable",
    ).path().multiple()
    private val table: Path? by option("--table", metavar = "FILE", help = "With --all: file to write the table into")
        .path(canBeDir = false)
    private val relative: Double? by bound("--points", "hook points, relative") { it.relative() }
    private val outputs: Double? by bound("--outputs", "logits, absolute") { it.outputs() }
    private val drift: Double? by bound("--drift", "outputs under patches of own values") { it.drift() }
    private val precision: Precision by option(
        "--precision",
        metavar = "FORMAT",
        help = "Format of products with weights: float32 (default) or bfloat16",
    )
        .choice(Precision.entries.associateBy { it.word() })
        .default(Precision.FLOAT32)

    private val device by deviceOption()

    private fun bound(name: String, what: String, of: (Bounds) -> Double) =
        option(
            name,
            metavar = "BOUND",
            help = "Largest difference of $what that passes; default: ${of(Bounds.DEFAULT)}, " +
                "in bfloat16 ${of(Bounds.BFLOAT16)}",
        )
            .double()
            .restrictTo(min = 0.0)

    private fun bounds(): Bounds {
        val usual = Bounds.of(precision)
        return Bounds(
            relative ?: usual.relative(),
            outputs ?: usual.outputs(),
            drift ?: usual.drift(),
            usual.ties(),
        )
    }

    override fun help(context: Context): String =
        "Compares a model with reference values at every hook point, and with itself; " +
            "prints and stores the certificate. Exits with 1 if a check fails."

    override fun run() {
        val single = ref
        if ((single == null) == all.isEmpty()) throw UsageError("name one model, or several with --all FOLDER")
        if (single == null && (reference != null || out != null)) {
            throw UsageError("--reference and --out apply to one model, not to --all")
        }
        if (single != null && table != null) throw UsageError("--table needs --all FOLDER")
        if (single != null) one(single) else everyOne()
    }

    private fun one(ref: String) {
        val record = certify(ref, reference)
        session.console.say(CertificateText.of(record))
        val file = CertificateFiles.write(out ?: CertificateFiles.place(session.cache, record), record)
        session.console.say("certificate  $file")
        if (!record.passed) throw CheckFailedException("$ref failed certification.")
    }

    private fun everyOne() {
        val records = all.flatMap(References::of).map { (model, reference) -> certified(Referenced(model, reference)) }
        table?.let { session.console.say("table  ${ModelsTable.write(it, records)}") }
        val failed = records.filterNot { it.passed }
        if (failed.isNotEmpty()) {
            throw CheckFailedException(
                "${failed.size} of ${records.size} models do not pass: ${failed.joinToString {
                    it.model
                }}",
            )
        }
    }

    private fun certified(pair: Referenced): CertificateRecord {
        val record = certify(pair.model, pair.reference)
        CertificateFiles.write(CertificateFiles.place(session.cache, record), record)
        val failed = record.checks.filterNot { it.passed }.joinToString { "${it.question} (${it.where})" }
        session.console.say(
            "${if (record.passed) "passed" else "FAILED"}  ${pair.model}${if (failed.isEmpty()) "" else ": $failed"}",
        )
        return record
    }

    private fun certify(ref: String, reference: Path?): CertificateRecord =
        session.workbench.certify(ref, reference, precision, bounds(), device, session.console::complain)
}
