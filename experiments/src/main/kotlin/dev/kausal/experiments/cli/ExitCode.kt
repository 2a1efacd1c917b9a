package dev.kausal.experiments.cli

import dev.kausal.bundle.BundleException
import dev.kausal.bundle.BundleNotWritableException

/** Exit codes of the process, part of the command line's contract. */
internal enum class ExitCode(
    val code: Int,
) {
    Done(0),

    /** A failed check: `verify`, `certify`. */
    CheckFailed(1),

    /** Usage, script, model or prompt. */
    UserMistake(2),

    /** Disk, memory, network. */
    Machine(3),

    /** A bug in Kausal: `EX_SOFTWARE` of sysexits. */
    Bug(70),
}

/** Returns the exit code for a bundle that cannot be read or written. */
internal fun BundleException.exitCode(): Int =
    if (this is BundleNotWritableException) ExitCode.Machine.code else ExitCode.UserMistake.code
