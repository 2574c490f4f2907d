// Runs the official rules on invoices: the UBL schema, EN 16931 and Peppol BIS
// Billing 3.0, all as their owners publish them.
//
//   java -cp JARS Check.java FOLDER
//
// A file called good-… must break no rule that is fatal; bad-RULE… must break
// the rule that its name says (some Swedish ones are warnings). Prints what does not hold and ends with 1.
import java.io.File;
import java.io.StringReader;
import java.io.StringWriter;
import java.net.URL;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import javax.xml.XMLConstants;
import javax.xml.transform.stream.StreamSource;
import javax.xml.validation.Schema;
import javax.xml.validation.SchemaFactory;
import net.sf.saxon.s9api.Processor;
import net.sf.saxon.s9api.Serializer;
import net.sf.saxon.s9api.XsltCompiler;
import net.sf.saxon.s9api.XsltExecutable;
import net.sf.saxon.s9api.XsltTransformer;

public class Check {
    static final String RULES = "external/schematron/openpeppol/" + System.getProperty("rules") + "/xslt/";

    static URL find(String name) {
        URL u = Check.class.getClassLoader().getResource(name);
        if (u == null) {
            throw new IllegalStateException(name + " is in none of the jars");
        }
        return u;
    }

    // schema is a document's, with the ones that it imports by name only.
    static Schema schema(SchemaFactory factory, String name) throws Exception {
        List<StreamSource> all = new ArrayList<>();
        for (String s : new String[] {"CCTS_CCT_SchemaModule.xsd", "xmldsig-core-schema.xsd", "XAdES.xsd", "XAdESv141.xsd"}) {
            for (String dir : new String[] {"external/schemas/", "external/schemas/ccts/", "schemas/"}) {
                URL u = Check.class.getClassLoader().getResource(dir + s);
                if (u != null) {
                    all.add(new StreamSource(u.toString()));
                    break;
                }
            }
        }
        all.add(new StreamSource(find("external/schemas/ubl21/maindoc/" + name).toString()));
        return factory.newSchema(all.toArray(new StreamSource[0]));
    }

    public static void main(String[] args) throws Exception {
        Processor saxon = new Processor(false);
        XsltCompiler compiler = saxon.newXsltCompiler();
        List<XsltExecutable> rules = new ArrayList<>();
        for (String name : new String[] {"CEN-EN16931-UBL.xslt", "PEPPOL-EN16931-UBL.xslt"}) {
            rules.add(compiler.compile(new StreamSource(find(RULES + name).toString())));
        }
        SchemaFactory factory = SchemaFactory.newInstance(XMLConstants.W3C_XML_SCHEMA_NS_URI);
        Schema invoice = schema(factory, "UBL-Invoice-2.1.xsd");
        Schema credit = schema(factory, "UBL-CreditNote-2.1.xsd");
        File[] files = new File(args[0]).listFiles((d, n) -> n.endsWith(".xml"));
        Arrays.sort(files);
        Pattern failed = Pattern.compile("<svrl:failed-assert[^>]*>", Pattern.DOTALL);
        int wrong = 0, good = 0, bad = 0;
        for (File f : files) {
            List<String> broken = new ArrayList<>(); // fatal
            List<String> all = new ArrayList<>(); // and warnings
            boolean isCredit = new String(java.nio.file.Files.readAllBytes(f.toPath())).contains("<CreditNote ");
            try {
                (isCredit ? credit : invoice).newValidator().validate(new StreamSource(f));
            } catch (org.xml.sax.SAXException e) {
                broken.add("schema " + e.getMessage());
            }
            for (XsltExecutable rule : rules) {
                XsltTransformer t = rule.load();
                t.setSource(new StreamSource(f));
                StringWriter out = new StringWriter();
                Serializer to = saxon.newSerializer(out);
                t.setDestination(to);
                t.transform();
                Matcher m = failed.matcher(out.toString());
                while (m.find()) {
                    Matcher id = Pattern.compile("\\sid=\"([^\"]*)\"").matcher(m.group());
                    String name1 = id.find() ? id.group(1) : m.group();
                    all.add(name1);
                    if (m.group().contains("flag=\"fatal\"")) {
                        broken.add(name1);
                    }
                }
            }
            String name = f.getName().replace(".xml", "");
            if (name.startsWith("good-")) {
                good++;
                if (!broken.isEmpty()) {
                    wrong++;
                    System.out.println(name + " breaks " + broken);
                }
            } else {
                bad++;
                String want = name.substring("bad-".length());
                if (!all.contains(want)) {
                    wrong++;
                    System.out.println(name + " breaks " + all + ", not " + want);
                }
            }
        }
        System.out.println(good + " documents without a fatal finding wanted, " + bad + " mutations; " + wrong + " wrong");
        System.exit(wrong == 0 && good > 0 && bad > 0 ? 0 : 1);
    }
}
