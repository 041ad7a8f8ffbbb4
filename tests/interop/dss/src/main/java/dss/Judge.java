// SPDX-License-Identifier: Apache-2.0
// What EU DSS says of signed files, one line a signature: Judge FOLDER FILE..., where FOLDER holds root.pem, issuing.crl and root.crl,
// and FILE may be SIGNATURE=DETACHED-CONTENT. No network.
package dss;

import eu.europa.esig.dss.diagnostic.SignatureWrapper;
import eu.europa.esig.dss.model.DSSDocument;
import eu.europa.esig.dss.model.FileDocument;
import eu.europa.esig.dss.spi.DSSUtils;
import eu.europa.esig.dss.spi.validation.CommonCertificateVerifier;
import eu.europa.esig.dss.spi.x509.CommonTrustedCertificateSource;
import eu.europa.esig.dss.spi.x509.revocation.crl.ExternalResourcesCRLSource;
import eu.europa.esig.dss.validation.SignedDocumentValidator;
import eu.europa.esig.dss.validation.reports.Reports;
import java.io.File;
import java.io.FileInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.util.List;

public class Judge {
    private static InputStream revocations(String folder, String name) throws IOException {
        return new FileInputStream(new File(folder, name));
    }

    public static void main(String[] args) throws IOException {
        CommonTrustedCertificateSource trusted = new CommonTrustedCertificateSource();
        trusted.addCertificate(DSSUtils.loadCertificate(new File(args[0], "root.pem")));
        for (int i = 1; i < args.length; i++) {
            String[] parts = args[i].split("=", 2);
            CommonCertificateVerifier verifier = new CommonCertificateVerifier();
            verifier.setTrustedCertSources(trusted);
            verifier.setAIASource(null);
            verifier.setCrlSource(new ExternalResourcesCRLSource(revocations(args[0], "issuing.crl"), revocations(args[0], "root.crl")));
            SignedDocumentValidator validator = SignedDocumentValidator.fromDocument(new FileDocument(parts[0]));
            validator.setCertificateVerifier(verifier);
            if (parts.length == 2) {
                validator.setDetachedContents(List.<DSSDocument>of(new FileDocument(parts[1])));
            }
            Reports reports = validator.validateDocument();
            for (SignatureWrapper signature : reports.getDiagnosticData().getSignatures()) {
                String id = signature.getId();
                System.out.println(String.join(" ", new File(parts[0]).getName(), String.valueOf(signature.getSignatureFormat()),
                        "intact=" + signature.isSignatureIntact(), "valid=" + signature.isSignatureValid(),
                        String.valueOf(reports.getSimpleReport().getIndication(id)), String.valueOf(reports.getSimpleReport().getSubIndication(id)),
                        String.valueOf(reports.getSimpleReport().getAdESValidationErrors(id).stream().map(m -> m.getValue()).toList())));
            }
        }
    }
}
